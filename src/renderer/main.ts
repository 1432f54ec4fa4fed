import './lib/tokens/fonts.css';
import './lib/tokens/tokens.css';
import './lib/tokens/base.css';
import './lib/ui/inputs.css';
import './lib/ui/menu.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { startLink } from './lib/link.ts';
import { followSavedViews } from './features/fleet/saved-views.svelte.ts';
import { followFleet } from './lib/state/fleet.svelte.ts';
import { followJobs } from './lib/state/jobs.svelte.ts';
import { followPreferences } from './lib/state/preferences.svelte.ts';
import { followVault } from './lib/state/vault.svelte.ts';

followPreferences();
followVault();
followFleet();
followSavedViews();
followJobs();
startLink();

const target = document.getElementById('app');
if (!target) throw new Error('The page has no element #app');
mount(App, { target });

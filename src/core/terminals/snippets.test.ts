import { describe, expect, it } from 'vitest';
import { contract } from '../../shared/contract/index.ts';
import { testContext } from '../testing/context.ts';
import { snippetHandlers, snippets } from './snippets.ts';

function setUp() {
  const context = testContext();
  const handlers = snippetHandlers(context);
  const caller = { surface: 'ui', signal: new AbortController().signal } as const;
  const save = async (input: { id?: string; name: string; body?: string }) =>
    handlers['snippets.save']({ body: 'ls {{where}}', ...input }, caller);
  return { context, save, remove: async (id: string) => handlers['snippets.remove']({ id }, caller) };
}

describe('snippets', () => {
  it('are listed by name, changed by id, and put back after they were removed', async () => {
    const { context, save, remove } = setUp();
    const logs = await save({ name: 'logs' });
    await save({ name: 'Disk' });
    expect(snippets(context).map(({ name }) => name)).toEqual(['Disk', 'logs']);
    await save({ id: logs.id, name: 'LOGS', body: 'journalctl' });
    expect(snippets(context)[1]).toEqual({ id: logs.id, name: 'LOGS', body: 'journalctl' });
    await remove(logs.id);
    await expect(remove(logs.id)).rejects.toMatchObject({ code: 'not_found' });
    await save(logs);
    expect(snippets(context)).toHaveLength(2);
  });

  it('have names that differ by more than case', async () => {
    const { save } = setUp();
    await save({ name: 'Été' });
    await expect(save({ name: 'été' })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('are refused at the gate where a value would stand bare', () => {
    const { input } = contract['snippets.save'];
    expect(input.safeParse({ name: 'x', body: "echo '{{x}}'" }).success).toBe(false);
    expect(input.safeParse({ name: 'x', body: 'echo {{x}}' }).success).toBe(true);
  });
});

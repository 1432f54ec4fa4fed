import type { Component } from 'svelte';

/** A line of a menu: it does something or leads somewhere. */
export interface MenuItem {
  label: string;
  icon?: Component;
  run?: () => void;
  href?: string;
  danger?: boolean;
  disabled?: boolean;
  separatorBefore?: boolean;
}

import { expect, test } from 'vitest';
import {
  chosenColumns,
  gridTemplate,
  moveColumn,
  shownColumns,
  switchColumn,
  usualColumns,
} from './columns.ts';

test('without a choice a narrow window leaves out what matters least; a choice is shown whole', () => {
  expect(shownColumns([], 200)).toEqual(usualColumns);
  const narrow = shownColumns([], 65);
  expect(narrow).toEqual(usualColumns.filter((id) => !['load', 'memory', 'root'].includes(id)));
  expect(shownColumns([], 1)).toEqual(['name', 'status', 'updates']);
  expect(shownColumns(['name', 'root', 'load'], 1)).toEqual(['name', 'root', 'load']);
});

test('a stored choice of another version keeps what is known, each once, and the name', () => {
  expect(chosenColumns(['load', 'rack', 'load', 'status'])).toEqual(['name', 'load', 'status']);
  expect(chosenColumns(['rack'])).toEqual([]);
});

test('columns move by one place and stop at the edges', () => {
  expect(moveColumn(['name', 'status', 'load'], 'load', -1)).toEqual(['name', 'load', 'status']);
  expect(moveColumn(['name', 'status'], 'name', -1)).toEqual(['name', 'status']);
  expect(moveColumn(['name', 'status'], 'root', 1)).toEqual(['name', 'status']);
});

test('a column that is switched on comes to its usual place; the name stays', () => {
  expect(switchColumn(['name', 'checked'], 'updates', true)).toEqual(['name', 'updates', 'checked']);
  expect(switchColumn(['name', 'status'], 'status', false)).toEqual(['name']);
  expect(switchColumn(['name'], 'name', false)).toEqual(['name']);
});

test('the grid has a track for each column, the checkbox and the menu', () => {
  expect(gridTemplate(['name', 'load'])).toBe('2rem minmax(9rem, 1.4fr) 5rem 2.25rem');
});

import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fillSnippet, isTypable, snippetFault, snippetVariables } from './snippet.ts';

describe('a snippet', () => {
  it('has each variable once, in order', () => {
    expect(snippetVariables('cp {{ from }} {{to}} && ls {{from}} {{9}} {{}}')).toEqual(['from', 'to']);
  });

  it.each([
    ['grep -r {{what}} {{where}}', null],
    ['echo "a" {{x}} \'b\' "it\'s"', null],
    ["echo '{{x}}'", 'quoted'],
    ['echo "{{x}}"', 'quoted'],
    ['echo \\{{x}}', 'quoted'],
    ['echo \\\\ {{x}}', null],
    ['echo "\\"" {{x}}', null],
    ["echo $'\\'' {{x}}", 'quoted'],
    ["# it's\necho {{x}}", 'quoted'],
    ['echo `ls {{x}}`', 'nested'],
    ['cat <<EOF\n{{x}}\nEOF', 'nested'],
    ['cat <<< {{x}}', null],
    ['cat <<EOF\nplain\nEOF', null],
    ['ls\u001b[A', 'control'],
    ['ls\rrm', 'control'],
  ])('%j: %s', (body, fault) => {
    expect(snippetFault(body)).toBe(fault);
  });

  it('gives its values to a real shell as they are', () => {
    const values = ['a b', "it's", '$(id) `id` $HOME', '"; rm -rf /', '\\', '*', '', '-n', 'é漢'];
    for (const value of values) {
      const command = fillSnippet('printf %s {{v}}', { v: value });
      expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(value);
    }
  });

  it('takes no value that would act as a key', () => {
    expect(['plain é', 'a\tb', 'a\nb', '\u0003', '\u001b[A'].map(isTypable)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

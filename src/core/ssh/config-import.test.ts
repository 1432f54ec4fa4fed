import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importSshConfig } from './config-import.ts';

describe('importSshConfig', () => {
  it('gives one candidate an alias, with the first value of each keyword', () => {
    const { candidates, notes } = importSshConfig(`
# fleet
Host web www
  HostName web.example.org
  User ops
  Port 2222
  IdentityFile ~/.ssh/id_web
  IdentityFile ~/.ssh/other

Host db
  ProxyJump web,ops@bastion.example.org:2200
Host *
  User everyone
  HostName never-for-web.example.org
`);
    expect(candidates).toEqual([
      ...['web', 'www'].map((alias) => ({
        alias,
        hostname: 'web.example.org',
        port: 2222,
        username: 'ops',
        identityFile: '~/.ssh/id_web',
        proxyJump: [],
      })),
      {
        alias: 'db',
        hostname: 'never-for-web.example.org',
        port: 22,
        username: 'everyone',
        identityFile: null,
        proxyJump: ['web', 'ops@bastion.example.org:2200'],
      },
    ]);
    expect(notes).toEqual([{ kind: 'wildcard_skipped', subject: '*' }]);
  });

  it('knows the other spellings: equals sign, quotes, any case, tokens, defaults before any Host', () => {
    const { candidates } = importSshConfig(
      'user=early\nHOST "Box"\n\thostname = %h.lan\n\tIDENTITYFILE "/keys/my key"\n\tPort=22022\n',
    );
    expect(candidates).toEqual([
      {
        alias: 'Box',
        hostname: 'Box.lan',
        port: 22022,
        username: 'early',
        identityFile: '/keys/my key',
        proxyJump: [],
      },
    ]);
  });

  it('leaves Match blocks out and says so', () => {
    const { candidates, notes } = importSshConfig(
      'Host a\n  User me\nMatch host a exec "touch /tmp/no"\n  User other\nHost b\n',
    );
    expect(candidates.map(({ alias, username }) => [alias, username])).toEqual([
      ['a', 'me'],
      ['b', null],
    ]);
    expect(notes.map(({ kind }) => kind)).toEqual(['match_ignored']);
  });

  it('follows Include where it stands, within the block it stands in', () => {
    const files: Record<string, string> = {
      'conf.d/*': 'Host inner\n  HostName inner.lan\n',
      common: 'User shared\nPort 99\n',
    };
    const { candidates, notes } = importSshConfig(
      'Include conf.d/*\nHost outer\n  Include common\n  Port 5\nHost lone\nInclude gone\n',
      (pattern) => {
        const text = files[pattern];
        return text === undefined ? [] : [{ name: pattern, text }];
      },
    );
    expect(
      candidates.map(({ alias, hostname, port, username }) => [alias, hostname, port, username]),
    ).toEqual([
      ['inner', 'inner.lan', 22, null],
      ['outer', 'outer', 99, 'shared'],
      ['lone', 'lone', 22, null],
    ]);
    expect(notes).toEqual([{ kind: 'include_missing', subject: 'gone' }]);
  });

  it('ends on files that include themselves', () => {
    const deep = importSshConfig('Include self', () => [{ name: 'self', text: 'Include self\nHost x' }]);
    expect(deep.notes.map(({ kind }) => kind)).toContain('include_too_deep');
    const wide = importSshConfig('Include self', () =>
      Array.from({ length: 20 }, () => ({ name: 'self', text: 'Include self' })),
    );
    expect(wide.notes.map(({ kind }) => kind)).toContain('too_many_includes');
  });

  it('notes a proxy command and an impossible port', () => {
    const { candidates, notes } = importSshConfig(
      'Host a\n ProxyCommand nc %h %p\n Port 70000\nHost b\n ProxyJump none\n',
    );
    expect(candidates.map(({ port, proxyJump }) => [port, proxyJump])).toEqual([
      [22, []],
      [22, []],
    ]);
    expect(notes).toEqual([
      { kind: 'port_invalid', subject: 'a' },
      { kind: 'proxy_command_ignored', subject: 'a' },
    ]);
  });

  it('honours negated patterns', () => {
    const { candidates } = importSshConfig('Host a b\nHost * !b\n  User notb\n');
    expect(candidates.map(({ username }) => username)).toEqual(['notb', null]);
  });

  it('never throws, whatever the text', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'Host ',
        'Match ',
        'Include x\n',
        '\n',
        '"',
        '=',
        '*',
        '!',
        '  User ',
        'Port ',
        '#',
        "'",
        '\\',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const { candidates } = importSshConfig(text, () => [{ name: 'x', text }]);
        for (const { port } of candidates) expect(port).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importFields, maxImportRows, type ImportMachine } from '../../../shared/contract/machines.ts';
import { AppError } from '../../../shared/domain/errors.ts';
import { aptProxyModes, authMethods, machineKinds, sudoModes } from '../../../shared/domain/unions.ts';
import { neutralCell, readCell } from './cells.ts';
import { exportText, type ExportMachine } from './export.ts';
import { likelyFormat, previewImport, type PreviewOptions } from './preview.ts';

const preview = (content: string | Uint8Array, options: PreviewOptions = {}) =>
  previewImport(typeof content === 'string' ? Buffer.from(content) : content, options, []);
const machinesOf = (content: string | Uint8Array, options?: PreviewOptions) =>
  preview(content, options).rows.map(({ machine }) => machine);
const codes = (content: string) =>
  preview(content).rows.map(({ problems }) => problems.map(({ code }) => code));
const failure = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

/** Text of one printable line that means the same with its ends trimmed; the letters that break files come often. */
const lineText = (max: number) =>
  fc
    .string({
      unit: fc.oneof(
        fc.constantFrom(...`=+-@'";,|\\#%:/ `, '\uff1d', 'é', '漢', '\u00a0', '\ufeff'),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      ),
      minLength: 1,
      maxLength: max,
    })
    .map((text) => text.replaceAll(/[\u0000-\u001f\u007f]/g, 'x').trim()) // eslint-disable-line no-control-regex -- as the fields themselves
    .filter((text) => text !== '' && text.length <= max);
const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);
const machine = fc.record({
  name: lineText(120),
  hostname: fc.oneof(
    fc.tuple(label, label).map((parts) => parts.join('.')),
    fc.ipV4(),
    fc.ipV6().filter((text) => text.split(':').length > 2),
  ),
  port: fc.integer({ min: 1, max: 65_535 }),
  username: fc.stringMatching(/^[a-z_=+-][a-z0-9_.+=-]{0,30}$/),
  group: fc.option(lineText(80)),
  chosenKind: fc.option(fc.constantFrom(...machineKinds)),
  tagNames: fc.uniqueArray(lineText(40), { maxLength: 5, selector: (name) => name.toLowerCase() }),
  notes: fc.option(
    fc.array(lineText(60), { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n').trim()),
  ),
  authMethod: fc.option(fc.constantFrom(...authMethods)),
  sudoMode: fc.option(fc.constantFrom(...sudoModes)),
  allowLegacyAlgorithms: fc.boolean(),
  proxy: fc.option(fc.constantFrom(...aptProxyModes.filter((mode) => mode !== 'direct'))),
});
/** A key as known_hosts holds it: its type, then what stands for the key. */
function keyBlob(type: string, body: string): string {
  const name = Buffer.from(type);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(name.length);
  return Buffer.concat([size, name, Buffer.from(body)]).toString('base64');
}
const fleet = fc
  .uniqueArray(machine, {
    minLength: 1,
    maxLength: 8,
    selector: (one) => `${one.hostname.toLowerCase()} ${String(one.port)}`,
  })
  .map((all): ExportMachine[] =>
    all.map(({ tagNames, proxy, ...one }, at) => ({
      ...one,
      id: String(at),
      // The one before: chains, and no circle.
      jumpMachineId: at > 0 && at % 2 === 1 ? String(at - 1) : null,
      tags: tagNames.map((name, n) => ({ id: name, name, color: n % 2 === 0 ? '#4477aa' : '#ee6677' })),
      aptProxyMode: proxy ?? 'direct',
      aptProxyUrl: proxy === null ? null : 'http://proxy.example.org:3128',
      hostKeys: [{ keyType: 'ssh-ed25519', publicKey: keyBlob('ssh-ed25519', String(at)) }],
    })),
  );

/** What must come back: all of it, with the colours only where the format has a place for them. */
function expected(one: ExportMachine, colors: boolean): Omit<ImportMachine, 'jumpHost'> {
  const { id: _id, jumpMachineId: _jump, hostKeys: _keys, chosenKind, tags, ...fields } = one;
  return {
    ...fields,
    kind: chosenKind,
    tags: tags.map(({ name, color }) => ({ name: name.trim(), color: colors ? color : null })),
    identityFile: null,
    hostKeys: [],
  };
}

describe('export and import', () => {
  it.each(['csv', 'json'] as const)('brings every machine back through %s', (format) => {
    fc.assert(
      fc.property(fleet, (all) => {
        const read = preview(exportText(format, all, all, new Date(0)));
        expect(read.format).toBe(format);
        expect(read.total).toBe(all.length);
        for (const [at, row] of read.rows.entries()) {
          const source = all[at];
          if (!source || !row.machine) throw new Error(JSON.stringify(row.problems));
          const { jumpHost, ...rest } = row.machine;
          expect(rest).toEqual(expected(source, format === 'json'));
          expect(jumpHost === null).toBe(source.jumpMachineId === null);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives a jump host its address where several machines have its name', () => {
    const base = machinesOf('name,host\na,x.test')[0];
    if (!base) throw new Error('no machine');
    const as = (id: string, name: string, hostname: string, jump: string | null): ExportMachine => ({
      ...base,
      id,
      name,
      hostname,
      username: 'ops',
      jumpMachineId: jump,
      chosenKind: null,
      tags: [],
    });
    const all = [
      as('1', 'gate', 'g1.test', null),
      as('2', 'gate', 'g2.test', null),
      as('3', 'db', 'd.test', '2'),
    ];
    const [row] = preview(exportText('csv', all, all, new Date(0))).rows.slice(2);
    expect(row?.machine?.jumpHost).toBe('ops@g2.test');
    expect(row?.problems).toEqual([]);
  });

  it('leaves no cell that a spreadsheet would run, and takes nothing away when read', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          lineText(20).map((text) => `=${text}`),
        ),
        (text) => {
          expect(neutralCell(text)).not.toMatch(/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/);
          expect(readCell(neutralCell(text))).toBe(text);
        },
      ),
    );
    const evil: ExportMachine = {
      ...(machinesOf('host\na.test')[0] as ImportMachine),
      id: '1',
      name: '=HYPERLINK("http://evil.test","x")',
      username: '-root',
      jumpMachineId: null,
      chosenKind: null,
      tags: [{ id: 't', name: '@SUM(1)', color: '#000000' }],
      notes: '+1\n=2',
    };
    for (const cell of exportText('csv', [evil], [evil], new Date(0)).split(/\r\n|,/))
      expect(cell.replace(/^"/, '')).not.toMatch(/^[=+@]|^-\D/);
  });

  it('writes an ssh_config whose every line is a directive or a comment', () => {
    fc.assert(
      fc.property(fleet, (all) => {
        const text = exportText('ssh_config', all, all, new Date(0));
        for (const line of text.split('\n'))
          expect(line).toMatch(/^(|#.*|Host [\p{L}\p{N}._+-]+| {2}(HostName|Port|User|ProxyJump) .+)$/u);
        expect(preview(text, { format: 'ssh_config' }).rows.map(({ machine: m }) => m?.hostname)).toEqual(
          all.map(({ hostname }) => hostname),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('writes a known_hosts that brings back each address with its key', () => {
    fc.assert(
      fc.property(fleet, (all) => {
        const { rows } = preview(exportText('known_hosts', all, all, new Date(0)), { format: 'known_hosts' });
        const read = rows.map(({ machine: one }) => [
          one?.hostname.toLowerCase(),
          one?.port,
          one?.hostKeys.map(({ keyType, publicKey }) => [keyType, publicKey]),
        ]);
        expect(read).toEqual(
          all.map(({ hostname, port, hostKeys }) => [
            hostname.toLowerCase(),
            port,
            hostKeys.map(({ keyType, publicKey }) => [keyType, publicKey]),
          ]),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('previewImport of CSV', () => {
  const table = 'Nom;Adresse IP;Port;Utilisateur;Étiquettes\nnas;192.0.2.7;2222;ops;web, prod\n';
  const asRead = {
    name: 'nas',
    hostname: '192.0.2.7',
    port: 2222,
    username: 'ops',
    tags: [
      { name: 'web', color: null },
      { name: 'prod', color: null },
    ],
  };
  const swapped = (text: string) => {
    const bytes = Buffer.from(text, 'utf16le');
    return bytes.swap16();
  };
  it.each([
    ['UTF-8', Buffer.from(table)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${table}`)],
    ['UTF-16 LE with a mark', Buffer.from(`\ufeff${table}`, 'utf16le')],
    ['UTF-16 LE', Buffer.from(table, 'utf16le')],
    ['UTF-16 BE with a mark', swapped(`\ufeff${table}`)],
    ['UTF-16 BE', swapped(table)],
    ['Windows-1252', Buffer.from(table, 'latin1')],
    ['old line ends', Buffer.from(table.replaceAll('\n', '\r'))],
    ['commas', Buffer.from(table.replaceAll(';', '\t'))],
  ])('reads %s', (_name, bytes) => {
    expect(machinesOf(bytes)).toEqual([expect.objectContaining(asRead)]);
  });

  it('says that an encoding was guessed', () => {
    expect(preview(Buffer.from(table, 'latin1')).notes).toContainEqual({
      code: 'encoding_guessed',
      value: 'windows-1252',
    });
  });

  it('takes columns without a header, and a mapping over its own guess', () => {
    expect(machinesOf('ops@10.0.0.1:2200\n10.0.0.2\n')).toEqual([
      expect.objectContaining({ hostname: '10.0.0.1', port: 2200, username: 'ops' }),
      expect.objectContaining({ hostname: '10.0.0.2', port: 22, username: null }),
    ]);
    const mapped = machinesOf('web,10.0.0.1,note\n', {
      hasHeader: false,
      mapping: { hostname: 1, notes: 2 },
    });
    expect(mapped).toEqual([expect.objectContaining({ hostname: '10.0.0.1', notes: 'note' })]);
  });

  it('never reads a column of secrets, even when it is asked to', () => {
    for (const header of [
      'Password',
      'passwd',
      'ssh_pass',
      'Mot de passe',
      'sudo password',
      'private key',
      'API token',
      'passphrase',
    ]) {
      const read = preview(`host,${header}\na.test,hunter2\n`, { mapping: { hostname: 0, notes: 1 } });
      expect(JSON.stringify(read), header).not.toContain('hunter2');
      expect(read.notes, header).toContainEqual({ code: 'secret_column', value: header });
    }
  });

  it('names what is wrong row by row and keeps those rows out', () => {
    const text = `name,host,port,user,kind,tags,jump,proxy
ok,ok.test,22,ops,vm,a,,
,,,,,,,
bad port,p.test,99999,ops,,,,
bad host,"a b/c",22,ops,,,,
bad user,u.test,22,"a b",,,,
odd,odd.test,,ops,toaster,,nowhere,ftp://x
twin,OK.test,22,ops,,,,
other user,ok.test,22,root,,,,
ok,same-name.test,22,ops,,,,
long,l.test,22,ops,,"${'x'.repeat(41)}",,
`;
    const rows = preview(text).rows;
    const said = Object.fromEntries(
      rows.map(({ label: name, hostname, ...row }: (typeof rows)[number] & { hostname?: string }) => [
        `${name} ${String(row.row)}${hostname ?? ''}`,
        row.problems.map(({ code, severity }) => `${severity} ${code}`),
      ]),
    );
    expect(said).toEqual({
      'ok 1': [],
      'bad port 2': ['error port'],
      'bad host 3': ['error host'],
      'bad user 4': ['error user'],
      'odd 5': ['warning proxy', 'warning kind', 'error jump_unknown'],
      'twin 6': ['error duplicate_file'],
      'other user 7': ['warning same_address'],
      'ok 8': ['warning same_name'],
      'long 9': ['warning tag'],
    });
    expect(rows.filter(({ machine: one }) => one !== null)).toHaveLength(4);
  });

  it('tells machines of the fleet apart', () => {
    const known = [{ id: '1', name: 'nas', hostname: 'NAS.lan', port: 22, username: 'ops' }];
    const rows = previewImport(
      Buffer.from('host,user\nnas.lan,ops\nnas.lan,root\nnas.lan,\n'),
      {},
      known,
    ).rows;
    expect(rows.map(({ problems }) => problems.map(({ code, value }) => `${code} ${value}`))).toEqual([
      ['duplicate_fleet nas'],
      ['same_address nas', 'same_name nas.lan'].slice(0, 1),
      ['duplicate_fleet nas'],
    ]);
  });

  it('refuses jump hosts that go round in a circle', () => {
    expect(codes('name,host,jump\na,a.test,b\nb,b.test,a\nc,c.test,a\n')).toEqual([
      ['jump_circle'],
      ['jump_circle'],
      ['jump_circle'],
    ]);
  });
});

describe('previewImport of other files', () => {
  it('tells formats by their content', () => {
    expect(likelyFormat('[{"host":"a"}]')).toBe('json');
    expect(likelyFormat('Host a\n  HostName b\n')).toBe('ssh_config');
    expect(likelyFormat('[nas]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE\n')).toBe('known_hosts');
    expect(likelyFormat('host,user\na,b\n')).toBe('csv');
    expect(likelyFormat('a.test\nb.test\n')).toBe('csv');
  });

  it('reads JSON of other programs, and never a secret in it', () => {
    const read = preview(
      JSON.stringify({
        hosts: [
          { Host: 'a.test', user: 'ops', password: 'hunter2', tags: ['x', { name: 'y', color: '#AA3377' }] },
          'ops@b.test:2200',
          42,
          null,
        ],
      }),
    );
    expect(JSON.stringify(read)).not.toContain('hunter2');
    expect(read.rows.map(({ machine: one }) => one?.hostname ?? null)).toEqual([
      'a.test',
      'b.test',
      null,
      null,
    ]);
    expect(read.rows[0]?.machine?.tags).toEqual([
      { name: 'x', color: null },
      { name: 'y', color: '#aa3377' },
    ]);
  });

  it('takes jump hosts of an ssh_config along, each behind the one before it', () => {
    const read = machinesOf('Host db\n  ProxyJump gate,ops@inner.test:2200\nHost gate\n  HostName g.test\n');
    expect(read.map((one) => [one?.name, one?.hostname, one?.jumpHost])).toEqual([
      ['db', 'db', 'ops@inner.test:2200'],
      ['gate', 'g.test', null],
      ['ops@inner.test:2200', 'inner.test', 'gate'],
    ]);
  });

  it('shows the keys of known_hosts and leaves out what proves no host', () => {
    const ed = keyBlob('ssh-ed25519', 'one');
    const rsa = keyBlob('ssh-rsa', 'two');
    const read = preview(
      [
        `nas,192.0.2.7 ssh-ed25519 ${ed}`,
        `nas ssh-rsa ${rsa}`,
        `[git.test]:2222 ssh-ed25519 ${ed} a comment`,
        `@revoked bad ssh-ed25519 ${ed}`,
        `@cert-authority *.test ssh-ed25519 ${ed}`,
        `*.wild ssh-ed25519 ${ed}`,
        `|1|c2FsdA==|${Buffer.alloc(20).toString('base64')} ssh-ed25519 ${ed}`,
        'half a line ssh-ed25519 AAAA',
      ].join('\n'),
    );
    expect(read.format).toBe('known_hosts');
    expect(
      read.rows.map(({ machine: one }) => [
        one?.hostname,
        one?.port,
        one?.hostKeys.map((key) => key.keyType),
      ]),
    ).toEqual([
      ['nas', 22, ['ssh-ed25519', 'ssh-rsa']],
      ['git.test', 2222, ['ssh-ed25519']],
    ]);
    expect(read.rows[0]?.machine?.hostKeys[0]?.fingerprintSha256).toMatch(/^SHA256:/);
    expect(read.notes.map(({ code, value }) => `${code} ${value}`)).toEqual([
      'hashed_names 1',
      'wildcards 1',
      'revoked_keys 1',
      'authority_keys 1',
      'unreadable_lines 1',
    ]);
  });
});

describe('hostile files', () => {
  const withinMs = (limitMs: number, work: () => void) => {
    // CPU time: what a square of the lines would cost shows on any machine, however busy it is.
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(limitMs);
  };

  it('reads a bounded part of 100,000 lines, says so, and stays quick', () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, at) => `m${String(at)},h${String(at)}.test,m${String(at + 1)}`,
    );
    withinMs(5000, () => {
      const read = preview(`name,host,jump\n${lines.join('\n')}\n`);
      expect(read.rows).toHaveLength(maxImportRows);
      expect(read.total).toBe(100_000);
      expect(read.notes).toContainEqual({ code: 'too_many_rows', value: '100000' });
    });
    withinMs(5000, () => {
      const hosts = lines.map((line) => ({ host: line.split(',')[1] }));
      expect(preview(JSON.stringify(hosts)).total).toBe(100_000);
    });
    withinMs(5000, () => {
      expect(
        preview(
          lines
            .map((line) => `Host ${line.split(',')[0] ?? ''}`)
            .slice(0, 20_000)
            .join('\n'),
        ).rows.length,
      ).toBeGreaterThan(0);
    });
  });

  it('keeps NULs and other control characters out of every field', () => {
    expect(codes('host,user\na\0b.test,ops\nc.test,o\0ps\n')).toEqual([['control'], ['control']]);
    expect(codes('host,notes\na.test,"x\u0007y"\nb.test,"x\ny"\n')).toEqual([['control'], []]);
  });

  it('refuses huge fields without repeating them', () => {
    const huge = 'x'.repeat(50_000);
    for (const field of importFields) {
      const text = field === 'hostname' ? `hostname\n${huge}\n` : `hostname,${field}\na.test,${huge}\n`;
      const [row] = preview(text).rows;
      expect(row?.problems.length, field).toBeGreaterThan(0);
      expect(JSON.stringify(row).length, field).toBeLessThan(2000);
    }
  });

  it('names the line of a quote that never ends', () => {
    const error = failure(() => preview(`host,notes\na.test,fine\nb.test,"${'open '.repeat(20_000)}`));
    expect(error.code).toBe('invalid_input');
    expect(error.data['reason']).toBe('csv_quote');
  });

  it('refuses what is no list of machines, with a reason', () => {
    expect(failure(() => preview('')).data['reason']).toBe('empty_file');
    expect(failure(() => preview('  \n\n')).data['reason']).toBe('empty_file');
    expect(failure(() => preview('{"a":1}')).data['reason']).toBe('json_shape');
    expect(failure(() => preview('[1,\n2,\n')).data['reason']).toBe('json');
  });

  it('answers any bytes with rows or with a refusal, never with a machine that does not fit', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.string({ maxLength: 400 }).map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(
        anyBytes,
        fc.option(fc.constantFrom('csv', 'json', 'ssh_config', 'known_hosts'), { nil: undefined }),
        (bytes, format) => {
          let rows;
          try {
            rows = preview(bytes, { format }).rows;
          } catch (error) {
            expect(error).toBeInstanceOf(AppError);
            return;
          }
          for (const { machine: one, problems } of rows)
            if (one === null) expect(problems.some(({ severity }) => severity === 'error')).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('does not mistake keys of JSON for more than names', () => {
    const [row] = preview('[{"__proto__":{"port":"1"},"constructor":"x","host":"a.test"}]').rows;
    expect(row?.machine?.port).toBe(22);
    expect(({} as Record<string, unknown>)['port']).toBeUndefined();
  });
});

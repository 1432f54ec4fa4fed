import { importFields, type ImportField } from '../../../shared/contract/machines.ts';

/** What people and other programs call a field, in the form that `headerKey` gives. */
const names: Record<ImportField, readonly string[]> = {
  name: ['name', 'nom', 'alias', 'label', 'displayname', 'machine', 'machinename', 'inventoryhostname'],
  hostname: [
    'hostname',
    'host',
    'address',
    'adresse',
    'ip',
    'ipaddress',
    'adresseip',
    'fqdn',
    'hote',
    'server',
    'serveur',
    'ansiblehost',
  ],
  port: ['port', 'sshport', 'ansibleport'],
  username: ['username', 'user', 'login', 'sshuser', 'utilisateur', 'ansibleuser'],
  jumpHost: ['jumphost', 'jump', 'proxyjump', 'bastion', 'rebond', 'via'],
  group: ['group', 'groupe', 'folder', 'dossier'],
  kind: ['kind', 'machinekind', 'chosenkind', 'type', 'genre'],
  tags: ['tags', 'tag', 'labels', 'etiquettes', 'etiquette'],
  notes: ['notes', 'note', 'comment', 'comments', 'description', 'commentaire', 'commentaires', 'remarque'],
  authMethod: ['authmethod', 'auth', 'method', 'authentication', 'methode'],
  sudoMode: ['sudomode', 'sudo'],
  allowLegacyAlgorithms: ['allowlegacyalgorithms', 'legacyalgorithms', 'legacy'],
  aptProxyMode: ['aptproxymode', 'proxymode'],
  aptProxyUrl: ['aptproxyurl', 'aptproxy', 'proxyurl', 'proxy'],
};
const fieldOf = new Map(importFields.flatMap((field) => names[field].map((name) => [name, field] as const)));

/** A header without case, accents, spaces and punctuation. */
export function headerKey(header: string): string {
  return header
    .slice(0, 200)
    .normalize('NFD')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

export function fieldNamed(header: string): ImportField | undefined {
  return fieldOf.get(headerKey(header));
}

/** Whether a column holds what must not be read from a plain file. */
export function isSecretHeader(header: string): boolean {
  const key = headerKey(header);
  return /pass(word|wd|phrase|e)?$|^pass|motdepasse|secret|token|(private|ssh|identity|prive)key|cleprivee|^pwd$/.test(
    key,
  );
}

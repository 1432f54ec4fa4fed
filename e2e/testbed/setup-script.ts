import { quote } from './exec.ts';
import type { AuthKind, ResolvedHost } from './spec.ts';

/** Everything about a host that is its own and no layer's, as the script its first start runs inside it. */

const authentication: Record<AuthKind, string> = {
  any: 'PubkeyAuthentication yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\n',
  key: 'PubkeyAuthentication yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n',
  password: 'PubkeyAuthentication no\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\n',
  'keyboard-interactive':
    'PubkeyAuthentication no\nPasswordAuthentication no\nKbdInteractiveAuthentication yes\n',
  'key+password':
    'PubkeyAuthentication yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\nAuthenticationMethods publickey,password\n',
};

const shells = {
  bash: '/bin/bash',
  dash: '/bin/dash',
  fish: '/usr/bin/fish',
  tcsh: '/bin/tcsh',
  zsh: '/bin/zsh',
} as const;

/** Lines for the top of a shell's start-up file that a careless client would take for a command's output. */
const noise = {
  bash: [
    '.bashrc',
    'echo "Welcome to the noisy host"\necho "  load: high, mood: low"\necho "warning: from .bashrc" >&2\ncd /tmp\nalias ls="ls -la --color=always"\nalias cat="cat -n"\n',
  ],
  dash: ['.profile', 'echo "Welcome to the noisy host"\necho "warning: from .profile" >&2\ncd /tmp\n'],
  fish: [
    '.config/fish/config.fish',
    'echo "Welcome to the noisy host"\necho "warning: from config.fish" >&2\ncd /tmp\n',
  ],
  tcsh: ['.tcshrc', 'echo "Welcome to the noisy host"\ncd /tmp\nalias ls "ls -la --color=always"\n'],
  zsh: ['.zshenv', 'echo "Welcome to the noisy host"\necho "warning: from .zshenv" >&2\ncd /tmp\n'],
} as const;

function file(path: string, content: string, mode = '644'): string {
  // printf is the shell's own: nothing of the content is ever in an argument list.
  return `mkdir -p "$(dirname ${quote(path)})"\nprintf %s ${quote(content)} > ${quote(path)}\nchmod ${mode} ${quote(path)}\n`;
}

function sudoers(host: ResolvedHost): string {
  switch (host.sudo) {
    case 'password':
      return file('/etc/sudoers.d/ops', 'ops ALL=(ALL:ALL) ALL\n', '440');
    case 'separate':
      return file('/etc/sudoers.d/ops', 'Defaults:ops rootpw\nops ALL=(ALL:ALL) ALL\n', '440');
    case 'nopasswd':
      return file('/etc/sudoers.d/ops', 'ops ALL=(ALL:ALL) NOPASSWD: ALL\n', '440');
    case 'missing':
      return 'rm -f /usr/bin/sudo /usr/bin/sudoedit /usr/bin/sudoreplay\n';
    case 'none':
    case 'root':
      return '';
  }
}

/** The commands that make fresh host keys; the host's sshd must be restarted after them. */
export const makeHostKeys = `rm -f /etc/ssh/ssh_host_*
for type in ed25519 ecdsa; do
    ssh-keygen -q -t $type -N '' -C "root@$(cat /etc/hostname)" -f /etc/ssh/ssh_host_\${type}_key
done
`;

/**
 * The script, for `chroot ROOT /bin/sh -e` by standard input. Holds the host's passwords.
 * @param hostsFile text of /etc/hosts
 * @param machineId 32 hexadecimal digits
 */
export function setupScript(
  host: ResolvedHost,
  hostsFile: string,
  machineId: string,
  publicKey: string,
): string {
  const home = host.user === 'root' ? '/root' : `/home/${host.user}`;
  const keys = `${[publicKey, ...host.authorizedKeys].map((key) => key.trim()).join('\n')}\n`;
  const parts = [
    'export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin\numask 022\n',
    file('/etc/hostname', `${host.name}\n`),
    file('/etc/hosts', hostsFile),
    // debootstrap copies the machine's own resolver, which cannot be reached from here: each lookup of a service record
    // (trixie's APT makes them) would wait ten seconds for it.
    file('/etc/resolv.conf', ''),
    file('/etc/machine-id', `${machineId}\n`, '444'),
    makeHostKeys,
    // SHA-512 with few rounds: the hosts share two cores, and nobody attacks these passwords.
    `printf '%s\\n' ${quote(`ops:${host.password}`)} ${quote(`root:${host.rootPassword}`)} | chpasswd -c SHA512 -s 1000\n`,
    sudoers(host),
    file(
      '/etc/ssh/sshd_config.d/01-host.conf',
      `${authentication[host.auth]}PermitRootLogin ${host.user === 'root' ? 'yes' : 'no'}\n${host.noisy ? 'Banner /etc/issue.net\n' : ''}`,
    ),
    `mkdir -p -m 700 ${home}/.ssh\n`,
    file(`${home}/.ssh/authorized_keys`, keys, '600'),
    file('/etc/default/locale', `LANG=${host.locale}\n`),
    file('/etc/hp-slow-seconds', `${host.slowSeconds}\n`),
    'touch /var/lib/apt/lists\n',
  ];
  if (host.shell !== 'bash') parts.push(`usermod --shell ${shells[host.shell]} ${host.user}\n`);
  if (host.locale !== 'C.UTF-8' && host.shell === 'bash') {
    parts.push(`sed -i '1i export LANG=${host.locale}' ${home}/.bashrc\n`);
  }
  if (!host.lists) parts.push('rm -rf /var/lib/apt/lists\nmkdir -p /var/lib/apt/lists/partial\n');
  if (host.noisy) {
    const [path, text] = noise[host.shell];
    parts.push(
      `touch ${home}/.profile ${home}/.bashrc\n`,
      `mkdir -p "$(dirname ${home}/${path})"\ntouch ${home}/${path}\n`,
      `{ printf %s ${quote(text)}; cat ${home}/${path}; } > ${home}/.rc.new\nmv ${home}/.rc.new ${home}/${path}\n`,
      file('/etc/motd', `*** ${host.name}: property of the noise department ***\n`),
      file('/etc/issue.net', `Authorised use only.\n`),
    );
  }
  if (host.user === 'ops') parts.push(`chown -R ops:ops ${home}\n`);
  return parts.join('');
}

import { randomBytes } from 'node:crypto';

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Settings of the login that would change what commands print or do. */
const unwanted = [
  'APT_CONFIG',
  'GREP_OPTIONS',
  'GREP_COLOR',
  'GREP_COLORS',
  'LS_COLORS',
  'TAR_OPTIONS',
  'CDPATH',
  'POSIXLY_CORRECT',
];

/**
 * The marks of one call. Those in an argument vector (`ready*`, `password`) can be seen by `ps` and so by the script
 * itself; `go` and `end` travel by standard input only, so that nothing a script prints can look like them.
 */
export interface Marks {
  readonly ready: string;
  readonly password: string;
  readonly noSudo: string;
  readonly rootReady: string;
  readonly go: string;
  readonly end: string;
}

export function createMarks(): Marks {
  const nonce = () => randomBytes(12).toString('hex');
  return {
    ready: `READY${nonce()}`,
    password: `PW${nonce()}:`,
    noSudo: `NOSUDO${nonce()}`,
    rootReady: `READY${nonce()}`,
    go: `GO${nonce()}`,
    end: `END${nonce()}`,
  };
}

/** All that the login shell ever gets: legal and of one meaning in bash, dash, fish, tcsh and zsh. */
export function loginCommand(marks: Marks): string {
  return `sh -c 'echo ${marks.ready}; exec sh'`;
}

/** Sent to the login's sh: replaces it by a root sh. sudo reads one line, and only if it printed the prompt. */
export function sudoLine(marks: Marks): string {
  return (
    `LC_ALL=C LANGUAGE= PATH=${systemPath}; export LC_ALL LANGUAGE PATH; ` +
    `command -v sudo >/dev/null 2>&1 || { echo ${marks.noSudo}; exit 127; }; ` +
    `exec sudo -k -S -p '${marks.password}' -- sh -c 'echo ${marks.rootReady}; exec sh'\n`
  );
}

/**
 * The script as a function, and one compound command that runs it. sh reads a compound command to its end before it
 * runs it, and leaves with `exit` inside it: nothing that follows on standard input is ever taken for a command.
 *
 * - The script runs in a subshell, so that its `exit` does not take the trailer along. Standard output and standard
 *   error both carry `go` before the script's first byte and `end <status>` after its last.
 * - dash and busybox sh read ahead on standard input, so bytes for the script are sent only after `go` was seen.
 * - Without such bytes a watcher waits for the end of standard input, which is the closing of the channel (sshd
 *   leaves a process without pty running), and hangs up the process group; processes that went into a session of
 *   their own are not in it. SIGPIPE ends the watcher: it is the signal that shells do not comment on.
 */
export function framedScript(script: string, marks: Marks, stdinBytes: number | null): string {
  const run =
    stdinBytes === null
      ? '( while read -r x; do :; done <&3; kill -s HUP 0 ) >/dev/null 2>&1 & w=$!\n' +
        '( main ) </dev/null 3<&-; s=$?\n' +
        'kill -s PIPE "$w" 2>/dev/null'
      : `STDIN_BYTES=${stdinBytes}; export STDIN_BYTES\n( main ) <&3 3<&-; s=$?`;
  return `main() {
:
${script}
}
{
exec 3<&0
LC_ALL=C LANGUAGE= PATH=${systemPath}; export LC_ALL LANGUAGE PATH
unset ${unwanted.join(' ')}
cd /
printf '${marks.go}\\n' >&2; printf '${marks.go}\\n'
${run}
printf '${marks.end} %s\\n' "$s" >&2; printf '${marks.end} %s\\n' "$s"
exit
}
`;
}

import { en as shared } from '../../shared/words/en/index.ts';

/** Everything that the command line says, in English, the reference. JSON is in no language. */
export const en = {
  ...shared,
  'cli.help': `homeport: the fleet from a terminal. Beside the running application it works through that one, else alone.

  homeport list [MACHINE…]                    machines with their updates
  homeport refresh MACHINE…                   look at machines anew
  homeport upgrade MACHINE…                   show the plan, ask, apply it, follow it
      --full                                  with new and removed packages
      --refresh                               look anew first
      --plan=HASH                             only this plan (one machine)
      --conffiles=keep|take_new|stop_before   edited configuration files
  homeport reboot MACHINE… [--unverified]     reboot and wait until it is back
  homeport run ACTION MACHINE…                any other action, such as machine_probe
  homeport jobs [--active] [MACHINE…]         what waits, runs and is done
  homeport jobs follow|cancel ID…
  homeport report [ID | --machine=MACHINE]    reports, or one as Markdown
  homeport requests [show|approve|reject ID]  what waits for approval
  homeport serve [--port=N] [--no-open]       serve the interface to a browser

Machines: names or ids, --tag=TAG (again for more), or --all.
  --yes       do not ask          --ask [--note=TEXT]  ask somebody else to approve
  --no-wait   do not follow       --json               data as JSON on standard output
  --limit=N   so many lines       --lang=en|fr         speak this language
  --data-dir=DIRECTORY            --passphrase-stdin   the vault's passphrase, first line of standard input

Ends with 0 done, 1 something failed, 2 wrong use, 3 a person has to decide, 4 data not available, 130 left by Ctrl-C.
`,

  'cli.noCommand': 'homeport has no command {command}. homeport --help tells them.',
  'cli.number': '{option} takes a number from 1 to {most}.',
  'cli.oneOf': '{option} takes one of {values}.',
  'cli.action': 'homeport run takes one of: {values}.',
  'cli.error': '{title}. {remedy} ({kind})',
  'cli.errorWhy': '{title}: {why} {remedy} ({kind})',
  'cli.busy': 'Another Homeport is using {dataDir} and does not answer.',

  'cli.head.machine': 'MACHINE',
  'cli.head.machines': 'MACHINES',
  'cli.head.address': 'ADDRESS',
  'cli.head.status': 'STATUS',
  'cli.head.updates': 'UPDATES',
  'cli.head.security': 'SECURITY',
  'cli.head.reboot': 'REBOOT',
  'cli.head.analysed': 'ANALYSED',
  'cli.head.tags': 'TAGS',
  'cli.head.action': 'ACTION',
  'cli.head.when': 'WHEN',
  'cli.head.job': 'JOB',
  'cli.head.error': 'ERROR',
  'cli.head.report': 'REPORT',
  'cli.head.title': 'TITLE',
  'cli.head.request': 'REQUEST',
  'cli.head.changes': 'CHANGES',
  'cli.head.expires': 'EXPIRES',
  'cli.yes': 'yes',
  'cli.no': 'no',
  'cli.never': 'never',

  'cli.machine.unknown': 'Unknown',
  'cli.machine.online': 'Online',
  'cli.machine.unreachable': 'Unreachable',
  'cli.machine.blocked': 'Blocked',
  'cli.machine.error': 'Error',
  'cli.machines.none': 'No machines.',
  'cli.machines.which': 'Which machines? Give names, --tag or --all.',
  'cli.machines.notThere': 'There is no machine {name}.',
  'cli.machines.several': '{name} is the name of {count} machines. Give its id: homeport list --json.',
  'cli.machines.noTag': 'No machine has the tag {tag}.',
  'cli.machines.allAlone': '--all takes no names and no tags.',

  'cli.vault.locked': 'The vault is locked. Unlock it in Homeport, or give --passphrase-stdin.',
  'cli.vault.lockedAlone': 'The vault is locked. Give --passphrase-stdin.',
  'cli.vault.prompt': 'Passphrase of the vault: ',
  'cli.vault.noPassphrase': 'No passphrase was given.',
  'cli.vault.fromTerminal': '--passphrase-stdin reads from a pipe or a file, not from a terminal.',
  'cli.vault.tooLong': 'The passphrase on standard input is too long.',

  'cli.ask.choice': '{question} [y/N] ',
  'cli.ask.nobody': 'Nobody can be asked here. Give --yes to go on without a question.',
  'cli.ask.apply': { one: 'Apply on one machine?', other: 'Apply on {count} machines?' },
  'cli.ask.do': { one: 'Do this on one machine?', other: 'Do this on {count} machines?' },
  'cli.ask.approve': 'Approve this?',
  'cli.nothingDone': 'Nothing was done.',
  'cli.nothingToDo': 'Nothing to do.',

  'cli.jobs.none': 'No jobs.',
  'cli.jobs.which': 'Which jobs? homeport jobs tells their ids.',
  'cli.jobs.notThere': 'There is no job {id}.',
  'cli.jobs.percent': '{step} {percent}%',
  'cli.jobs.failure': '{title} ({kind})',
  'cli.jobs.left': 'Left. The work goes on. Follow it again: homeport jobs follow {ids}',
  'cli.jobs.leftAlone':
    'Left. Runs go on on their machines; the next Homeport takes them up, and what waits with them.',
  'cli.jobs.noWaitAlone': '--no-wait needs the running application: nobody else would do the work.',
  'cli.cancel.cancelled': '{id}: cancelled',
  'cli.cancel.requested': '{id}: asked to stop; it does where that is safe',
  'cli.cancel.refused_dpkg_running': '{id}: not stopped, dpkg is changing packages',
  'cli.cancel.already_ended': '{id}: had ended already',

  'cli.plan.unknown': '{name}: not analysed yet. First: homeport refresh {name}',
  'cli.plan.none': '{name}: nothing to do (analysed {when})',
  'cli.plan.changes': {
    one: '{name}: {count} change, plan {hash}',
    other: '{name}: {count} changes, plan {hash}',
  },
  'cli.plan.security': '(security)',
  'cli.plan.missing': 'There is no plan to show. Give --refresh, or refresh first.',
  'cli.plan.ofOne': '--plan is of one machine.',
  'cli.plan.other': 'The plan is no longer the one that was given with --plan.',
  'cli.operation.upgrade': 'upgrade',
  'cli.operation.install': 'install',
  'cli.operation.remove': 'remove',
  'cli.operation.hold': 'hold',

  'cli.report.one': 'homeport report takes one report.',
  'cli.report.none': 'No reports.',
  'cli.report.noneOf': 'There is no report of {name} yet.',

  'cli.requests.none': 'No requests.',
  'cli.requests.verbs': 'homeport requests knows list, show, approve and reject.',
  'cli.requests.one': 'homeport requests {verb} takes one request.',
  'cli.requests.waits': 'Waits for approval: homeport requests show {id}',
  'cli.requests.detail': '{action} on {machines}: {changes}',
  'cli.requests.note': 'Note: {note}',
  'cli.requests.noPackages': 'no packages',
  'cli.requests.upgraded': { one: '{count} upgraded', other: '{count} upgraded' },
  'cli.requests.new': { one: '{count} new', other: '{count} new' },
  'cli.requests.removed': { one: '{count} removed', other: '{count} removed' },
  'cli.requests.reboots': 'reboots',
  'cli.requests.rebootLikely': 'reboot likely',
  'cli.requests.changed': '{name} (the plan has changed since)',
  'cli.requests.decided': 'The request is decided already: {status}.',
  'cli.requests.expired': 'The request has expired.',
  'cli.requests.planChanged': 'Nothing was queued: the plan has changed on {names}.',
  'cli.requests.queued': 'Queued. The next Homeport that starts carries it out.',
  'cli.requests.rejected': 'Rejected.',
} as const;

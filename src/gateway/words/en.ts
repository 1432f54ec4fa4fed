/** What a host says at its start and end, to a terminal or in a dialog. English, the reference. */
export const en = {
  'host.failed': 'Homeport could not start',
  'host.failedBecause': 'Homeport could not start. {advice}',
  'host.at': 'Homeport is at {url}',
  'host.running': 'Homeport is running already.',
  'host.noBrowser': 'There is no display or no browser here: open that address in one. It works once.',
  'host.browserFailed': 'The browser did not start ({reason}). Open the address above yourself.',
  'host.stopLate': 'Homeport did not stop in time and ends now.',
  'host.help': `Homeport in a browser: serves the interface on 127.0.0.1 and opens it.

  --data-dir=DIRECTORY  where everything is kept
  --port=NUMBER         listen on this port (default: a free one)
  --no-open             print the address, open nothing
  --lang=en|fr          speak this language
  --help                this text
`,

  'options.unknown': 'There is no option {option} here.',
  'options.valueMissing': '{option} needs a value: {option}=VALUE.',
  'options.noValue': '{option} takes no value.',
  'options.lang': '--lang takes en or fr, not {value}.',
  'options.port': '--port takes a number from 1 to 65535, not {value}.',
  'options.noNames': '{value} is not understood here.',

  'advice.busy':
    'Another Homeport is using {dataDir}. Close it, or give this one a directory of its own: --data-dir=DIRECTORY.',
  'advice.newer':
    '{dataDir} was last used by a newer Homeport. Start that version, or use another --data-dir.',
  'advice.corrupt': 'The database in {dataDir} is damaged. Copies of it are in {dataDir}/backups. {detail}',
  'advice.full': 'The disk that holds {dataDir} is full. Make room and start again.',
  'advice.portInUse':
    'Port {port} is in use by another program. Choose another one with --port, or leave it out for a free one.',
  'advice.portDenied': 'This user may not listen on port {port}. Choose one above 1023, or leave --port out.',
  'advice.notWritable':
    'This user cannot write to {dataDir}. Correct its owner and mode, or choose another one with --data-dir.',
  'advice.cannotMake': '{dataDir} cannot be made. Choose another one with --data-dir.',
  'advice.noDirectory': '{dataDir} is not a directory. Choose another one with --data-dir.',

  'page.linkUsed.title': 'This link was used or has expired',
  'page.linkUsed.text':
    'A link opens Homeport once. Start Homeport again: it prints a new link and leaves the running one as it is.',
  'page.noSession.title': 'Homeport does not know this browser',
  'page.noSession.text':
    'Start Homeport again: it prints a link that opens it here, and leaves the running one as it is.',
  'page.notAllowed.title': 'Not allowed',
  'page.notAllowed.text': 'Homeport answers only on its own address, to the link that it printed.',
  'page.notFound.title': 'Not found',
  'page.notFound.text': 'There is nothing at this address.',
  'page.failed.title': 'Homeport failed',
  'page.failed.text': 'The cause is in the log of the data directory.',
  'page.opening': 'Opening…',
  'page.goOn': 'Go on',
} as const;

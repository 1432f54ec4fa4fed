/** A file of this computer and the directories, under the place it is dropped on, that it goes into. */
export interface DroppedFile {
  readonly file: File;
  readonly directories: readonly string[];
}
export interface Dropped {
  readonly files: DroppedFile[];
  /** Directories without a file in them are made as well. */
  readonly directories: (readonly string[])[];
  /** Files that the browser could not give. */
  unreadable: number;
}

/** What an input of files holds; one of directories says the path of each file. */
export function fromInput(list: Iterable<File>): Dropped {
  const files = [...list].map((file) => ({
    file,
    directories: file.webkitRelativePath.split('/').slice(0, -1),
  }));
  return { files, directories: [], unreadable: 0 };
}

function entriesOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => {
    reader.readEntries(resolve, reject);
  });
}

async function walk(entry: FileSystemEntry, directories: readonly string[], into: Dropped): Promise<void> {
  try {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => {
        (entry as FileSystemFileEntry).file(resolve, reject);
      });
      into.files.push({ file, directories });
      return;
    }
    const inner = [...directories, entry.name];
    into.directories.push(inner);
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    // It gives a hundred at a time, and nothing when it is done.
    for (let some = await entriesOf(reader); some.length > 0; some = await entriesOf(reader))
      for (const one of some) await walk(one, inner, into);
  } catch (error) {
    console.warn('A dropped file cannot be read', error);
    into.unreadable += 1;
  }
}

/** What was dropped. The entries must be taken while the event lasts; they are read afterwards. */
export async function fromDrop(data: DataTransfer): Promise<Dropped> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return fromInput(data.files);
  const dropped: Dropped = { files: [], directories: [], unreadable: 0 };
  for (const entry of entries) await walk(entry, [], dropped);
  return dropped;
}

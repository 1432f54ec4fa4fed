import { fromDrop, type Dropped } from './dropped.ts';

const hasFiles = (event: DragEvent): boolean =>
  event.dataTransfer?.types.some((type) => type === 'Files') ?? false;

/** Files of this computer that are dragged over an element and dropped on it. Spread `handlers` on the element. */
export class FileDrop {
  /** Entering a child comes before leaving its parent: only the sum says whether they are still above. */
  #depth = $state(0);
  readonly handlers: {
    ondragenter(event: DragEvent): void;
    ondragover(event: DragEvent): void;
    ondragleave(): void;
    ondrop(event: DragEvent): void;
  };

  /** `begin` is asked when they fall, while the event lasts; what it returns gets them when they are read. Null: not now. */
  constructor(begin: () => ((dropped: Dropped) => void) | null) {
    const isWanted = (event: DragEvent): boolean => hasFiles(event) && begin() !== null;
    this.handlers = {
      ondragenter: (event) => {
        if (!isWanted(event)) return;
        event.preventDefault();
        this.#depth += 1;
      },
      ondragover: (event) => {
        if (!isWanted(event)) return;
        event.preventDefault();
        if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
      },
      ondragleave: () => {
        this.#depth = Math.max(0, this.#depth - 1);
      },
      ondrop: (event) => {
        this.#depth = 0;
        const take = hasFiles(event) ? begin() : null;
        if (!take || !event.dataTransfer) return;
        event.preventDefault();
        void fromDrop(event.dataTransfer).then(take);
      },
    };
  }

  get isOver(): boolean {
    return this.#depth > 0;
  }
}

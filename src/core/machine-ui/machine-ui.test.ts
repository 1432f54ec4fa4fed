import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { machines, machineUiState } from '../db/schema/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { machineUiHandlers } from './index.ts';

function setUp() {
  const context = testContext();
  const ends = new AbortController();
  const caller = { surface: 'ui', signal: ends.signal } as const;
  return { context, handlers: machineUiHandlers(context), caller, ends };
}

describe('how machines were left in the interface', () => {
  it('is kept field by field, and added to section by section', async () => {
    const { context, handlers, caller, ends } = setUp();
    const machineId = insertMachine(context, 'a');
    await handlers['machineUi.set']({ machineId, tileMode: 'compact', sections: { state: false } }, caller);
    await handlers['machineUi.set']({ machineId, lastTab: 'history', sections: { runs: true } }, caller);
    const windowOpenedLater = handlers['machineUi.watch']({}, caller)[Symbol.asyncIterator]();
    expect((await windowOpenedLater.next()).value).toEqual({
      machines: [
        { machineId, tileMode: 'compact', lastTab: 'history', sections: { state: false, runs: true } },
      ],
    });
    await handlers['machineUi.set']({ machineId, tileMode: null }, caller);
    expect((await windowOpenedLater.next()).value).toMatchObject({
      machines: [{ tileMode: null, lastTab: 'history' }],
    });
    ends.abort();
  });

  it('reaches two windows, each change once, of the machine that changed alone', async () => {
    const { context, handlers, caller, ends } = setUp();
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    await handlers['machineUi.set']({ machineId: a, lastTab: 'updates' }, caller);
    const windows = [0, 1].map(() => handlers['machineUi.watch']({}, caller)[Symbol.asyncIterator]());
    for (const stream of windows) expect((await stream.next()).value).toMatchObject({ machines: [{}] });
    await handlers['machineUi.set']({ machineId: b, tileMode: 'expanded' }, caller);
    for (const stream of windows) {
      expect((await stream.next()).value).toEqual({
        machines: [{ machineId: b, tileMode: 'expanded', lastTab: null, sections: {} }],
      });
    }
    ends.abort();
  });

  it('goes with its machine; one that is not there is refused', () => {
    const { context, handlers, caller } = setUp();
    const machineId = insertMachine(context, 'a');
    void handlers['machineUi.set']({ machineId, lastTab: 'updates' }, caller);
    context.database.db.delete(machines).where(eq(machines.id, machineId)).run();
    expect(context.database.db.select().from(machineUiState).all()).toEqual([]);
    expect(() => handlers['machineUi.set']({ machineId, lastTab: 'updates' }, caller)).toThrow(
      'No such machine',
    );
  });
});

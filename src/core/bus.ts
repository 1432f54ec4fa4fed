/** What has changed, by id; published only after the commit that changed it. */
export interface News {
  'fleet.changed': { readonly machineIds: readonly string[] };
  'job.changed': { readonly jobId: string };
  'queue.changed': object;
  'execution.changed': { readonly executionId: string };
  'log.appended': { readonly executionId: string };
  'bulk.changed': { readonly bulkId: string };
  'request.changed': { readonly requestId: string };
  'outward.changed': object;
  'schedule.changed': { readonly scheduleId: string };
  'event.recorded': { readonly eventId: string };
  'notifications.changed': object;
  'report.changed': { readonly reportId: string };
  'vault.changed': object;
  'preferences.changed': object;
  'host-menu.chosen': { readonly page: string; readonly command: string };
  'machine-ui.changed': { readonly machineId: string };
  'fleet-views.changed': object;
  'terminals.changed': object;
  'snippets.changed': object;
  'recordings.changed': object;
  'transfers.changed': object;
  'forwards.changed': object;
  'connections.changed': object;
}

export interface Bus {
  publish<T extends keyof News>(topic: T, news: News[T]): void;
  /** Returns the function that ends the subscription. A listener must not throw. */
  subscribe<T extends keyof News>(topic: T, listener: (news: News[T]) => void): () => void;
}

/** The one door by which news leaves the core's features. Synchronous, in order, in this process only. */
export function createBus(): Bus {
  const listeners = new Map<keyof News, Set<(news: never) => void>>();
  return {
    publish(topic, news) {
      for (const listener of [...(listeners.get(topic) ?? [])]) listener(news as never);
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set);
      set.add(listener);
      return () => set.delete(listener);
    },
  };
}

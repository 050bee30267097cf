type Path = readonly (string | number)[];

interface Place {
  readonly inner: Map<string | number, Place>;
  /** Whether nothing that is said of this place can be believed. */
  broken: boolean;
  /** Whether something in this place is not what was sent. */
  altered: boolean;
}

/** The places in a message that are not as they were sent, as a tree of the steps to them: there may be many. */
export interface BrokenPaths {
  /** Adds a place that was broken. `altered` when a value was taken away or replaced there. */
  add(path: Path, altered: boolean): void;
  /** Whether a path leads to or into a broken place, or to one with an altered place in it. */
  relationOf(path: Path): 'within' | 'around' | 'apart';
}

/** Makes an empty set of places. */
export function createBrokenPaths(): BrokenPaths {
  const root = emptyPlace();
  return {
    add: (path, altered) => {
      let place = root;
      for (const step of path) {
        place.altered ||= altered;
        const next = place.inner.get(step) ?? emptyPlace();
        place.inner.set(step, next);
        place = next;
      }
      place.broken = true;
    },
    relationOf: (path) => {
      let place = root;
      for (const step of path) {
        if (place.broken) return 'within';
        const next = place.inner.get(step);
        if (!next) return 'apart';
        place = next;
      }
      if (place.broken) return 'within';
      return place.altered ? 'around' : 'apart';
    },
  };
}

function emptyPlace(): Place {
  return { inner: new Map(), broken: false, altered: false };
}

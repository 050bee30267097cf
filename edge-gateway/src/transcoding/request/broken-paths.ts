type Path = readonly (string | number)[];

interface Place {
  readonly inner: Map<string | number, Place>;
  /** True when the value at this place is unusable: faults at or below it are not reported. */
  broken: boolean;
  /** True when a value at or below this place differs from the request. */
  altered: boolean;
}

/** The places in a message that are not as they were sent, as a tree of the steps to them: there may be many. */
export interface BrokenPaths {
  /** Adds a place that was broken. `altered` when a value was taken away or replaced there. */
  add(path: Path, altered: boolean): void;
  /** Returns the relation of a path to the broken places: at or below one, above an altered one, or apart from all. */
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

import { DomainError } from '@malla/chassis/errors';

/** Who watches in this process. Each is a stream that lasts, and there is room for so many. */
export interface Watchers {
  /** @returns how to leave. @throws DomainError `exhausted` (WATCHERS_TOO_MANY). */
  enter(userId: string): () => void;
}

const RETRY_AFTER_MS = 5_000;

export function createWatchers({ max, userMax }: { readonly max: number; readonly userMax: number }): Watchers {
  const byUser = new Map<string, number>();
  let all = 0;
  return {
    enter: (userId) => {
      const own = byUser.get(userId) ?? 0;
      if (all >= max || own >= userMax) throw tooMany();
      all += 1;
      byUser.set(userId, own + 1);
      return () => {
        all -= 1;
        const left = (byUser.get(userId) ?? 0) - 1;
        if (left > 0) byUser.set(userId, left);
        else byUser.delete(userId);
      };
    },
  };
}

function tooMany(): DomainError {
  const message = 'Too many purchases are being watched.';
  return new DomainError('exhausted', 'WATCHERS_TOO_MANY', message, { retryAfterMs: RETRY_AFTER_MS });
}

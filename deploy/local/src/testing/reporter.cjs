// Mocha's usual report, and one line of JSON with the numbers for whoever runs several folders' tests.
const { appendFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      appendFileSync(process.env.MALLA_TEST_TOTALS, `${JSON.stringify({ passes, failures, pending })}\n`);
    });
  }
};

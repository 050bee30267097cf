import { readFileSync } from 'node:fs';
import { type Contract, loadContract } from './contract.js';

/** The contracts that tests of the plumbing use (`malla.testing.v1`). No process of the mesh serves them. */
export function testingContract(): Contract {
  return loadContract(readFileSync(new URL('../testing.binpb', import.meta.url)));
}

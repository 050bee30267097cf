import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { file_buf_validate_validate } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { printProto } from './print-proto.ts';

const GOOGLE_FILES = [
  'google/api/annotations.proto',
  'google/api/field_behavior.proto',
  'google/api/http.proto',
  'google/api/httpbody.proto',
  'google/rpc/error_details.proto',
  'google/rpc/status.proto',
];

/** Fills `third_party/` with the contracts of others that ours import, from npm packages: none of it is vendored. */
export function writeThirdParty(root: string): void {
  const target = join(root, 'third_party');
  const source = dirname(fileURLToPath(import.meta.resolve('google-proto-files/package.json')));
  rmSync(target, { recursive: true, force: true });
  for (const path of GOOGLE_FILES) cpSync(join(source, path), join(target, path));
  const validate = join(target, 'buf/validate/validate.proto');
  mkdirSync(dirname(validate), { recursive: true });
  writeFileSync(validate, printProto(file_buf_validate_validate.proto));
}

import { readFileSync } from 'node:fs';
import {
  createFileRegistry,
  type DescMethod,
  type FileRegistry,
  fromBinary,
  getOption,
  hasOption,
} from '@bufbuild/protobuf';
import {
  type FileDescriptorSet,
  FileDescriptorSetSchema,
  MethodOptions_IdempotencyLevel,
} from '@bufbuild/protobuf/wkt';
import { http } from '../gen/es/google/api/annotations_pb.js';
import type { HttpRule } from '../gen/es/google/api/http_pb.js';
import { type Policy, policy } from '../gen/es/malla/options/v1/policy_pb.js';
import { cachedRpcs, deadlineMsOf, policyFaults } from './policy-faults.js';

/** What the contract says of one RPC. */
export interface RpcContract {
  /** The path on the wire: `/malla.users.v1.UsersService/Login`. */
  readonly path: string;
  /** The service's full name: `malla.users.v1.UsersService`. */
  readonly service: string;
  readonly method: DescMethod;
  readonly policy: Policy;
  /** How long a call may take unless the caller sets a shorter deadline. */
  readonly deadlineMs: number;
  /** How the RPC looks as REST; absent when it is for services alone. */
  readonly http: HttpRule | undefined;
  /** Whether a call may be sent again when its outcome is unknown: the standard `idempotency_level` option says so. */
  readonly retrySafe: boolean;
  /** Whether the RPC only reads. */
  readonly readOnly: boolean;
}

/** The contracts of a mesh, read from their descriptor set. */
export interface Contract {
  readonly registry: FileRegistry;
  /** Every RPC by its path. */
  readonly rpcs: ReadonlyMap<string, RpcContract>;
  /** The files as they were compiled, with options and comments. */
  readonly descriptorSet: FileDescriptorSet;
}

/**
 * Reads a `google.protobuf.FileDescriptorSet` (as `buf build` writes it).
 * @throws Error naming every RPC whose policy is missing or contradicts itself.
 */
export function loadContract(descriptorSetBytes: Uint8Array): Contract {
  const descriptorSet = fromBinary(FileDescriptorSetSchema, descriptorSetBytes);
  const registry = createFileRegistry(descriptorSet);
  const methods = [...registry].filter((type) => type.kind === 'service').flatMap((service) => service.methods);
  const cached = cachedRpcs(methods);
  const faults = methods.flatMap((method) => policyFaults(method, cached).map((fault) => `${pathOf(method)} ${fault}`));
  if (faults.length > 0) throw new Error(`the contract is not fit to be served: ${faults.join('; ')}`);
  return { registry, descriptorSet, rpcs: new Map(methods.map((method) => [pathOf(method), rpcContract(method)])) };
}

let malla: Contract | undefined;

/** Malla's own contracts. Read once, however often they are asked for. */
export function mallaContract(): Contract {
  malla ??= loadContract(readFileSync(new URL('../malla.binpb', import.meta.url)));
  return malla;
}

function rpcContract(method: DescMethod): RpcContract {
  const rules = getOption(method, policy);
  const readOnly = method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  return {
    path: pathOf(method),
    service: method.parent.typeName,
    method,
    policy: rules,
    deadlineMs: deadlineMsOf(rules),
    http: hasOption(method, http) ? getOption(method, http) : undefined,
    retrySafe: readOnly || method.idempotency === MethodOptions_IdempotencyLevel.IDEMPOTENT,
    readOnly,
  };
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { Contract, RpcContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { type FieldPath, resolveFieldPath } from '../json/field-path.ts';
import { type PathTemplate, parsePathTemplate } from './path-template.ts';

/** One way to reach an RPC over HTTP: its own `google.api.http` rule or one of the rule's `additional_bindings`. */
export interface Binding {
  readonly rpc: RpcContract;
  /** Which of the RPC's bindings, from 0. */
  readonly index: number;
  /** The HTTP method; `*` for any. */
  readonly httpMethod: string;
  readonly template: PathTemplate;
  /** The field of each variable of the template. */
  readonly pathFields: readonly FieldPath[];
  /** The target of the body: the whole message, one field, or nothing. */
  readonly body: 'message' | DescField | undefined;
  /** The field of the response that is the body of the answer; undefined for all of it. */
  readonly responseBody: DescField | undefined;
}

type HttpRule = NonNullable<RpcContract['http']>;

/** A rule that does not fit the RPC it stands at. */
export class BindingError extends Error {
  override readonly name = 'BindingError';
}

/**
 * Reads the bindings of every annotated RPC.
 * @throws BindingError or PathTemplateError naming the RPC and what is wrong with its rule.
 */
export function bindingsOf(contract: Contract): Binding[] {
  return [...contract.rpcs.values()].flatMap((rpc) => {
    if (!rpc.http) return [];
    return [rpc.http, ...rpc.http.additionalBindings].map((rule, index) => readRule(rpc, rule, index));
  });
}

function readRule(rpc: RpcContract, rule: HttpRule, index: number): Binding {
  checkReach(rpc, rule);
  const { case: kind, value } = rule.pattern;
  if (kind === undefined) throw fault(rpc, 'has no HTTP method and path');
  if (index > 0 && rule.additionalBindings.length > 0) throw fault(rpc, 'nests additional_bindings');
  const template = parsePathTemplate(kind === 'custom' ? value.path : value);
  const { input } = rpc.method;
  const body = rule.body === '*' ? 'message' : ownField(rpc, input, rule.body, 'body');
  return {
    rpc,
    index,
    httpMethod: kind === 'custom' ? value.kind : kind.toUpperCase(),
    template,
    pathFields: template.variables.map(({ fieldPath }) => pathField(rpc, input, fieldPath)),
    body,
    responseBody: ownField(rpc, rpc.method.output, rule.responseBody, 'response_body'),
  };
}

/** The methods that no annotation can make reachable. */
function checkReach({ policy, method, path }: RpcContract, rule: HttpRule): void {
  if (policy.access === Access.SERVICE) throw new BindingError(`${path} is for services alone, but has an HTTP rule`);
  if (method.methodKind === 'bidi_streaming') {
    throw new BindingError(`${path} streams both ways, for which there is no form over HTTP`);
  }
  if (method.methodKind === 'client_streaming' && rule.body !== '*') {
    throw new BindingError(`${path} takes a stream, so its HTTP rule needs body: "*"`);
  }
}

function ownField(rpc: RpcContract, message: DescMessage, name: string, option: string): DescField | undefined {
  if (name === '') return undefined;
  const field = message.fields.find((each) => each.name === name);
  if (!field) throw fault(rpc, `names by ${option} the field ${name}, which ${message.typeName} lacks`);
  return field;
}

function pathField(rpc: RpcContract, message: DescMessage, name: string): FieldPath {
  const path = resolveFieldPath(message, name);
  if (!path) throw fault(rpc, `names in its path the field ${name}, which ${message.typeName} lacks`);
  const { fieldKind } = path[path.length - 1] as DescField;
  if (fieldKind !== 'scalar' && fieldKind !== 'enum') throw fault(rpc, `has in its path ${name}, which is no scalar`);
  return path;
}

function fault(rpc: RpcContract, what: string): BindingError {
  return new BindingError(`the google.api.http rule of ${rpc.path} ${what}`);
}

import { readSync, writeSync } from 'node:fs';
import { create, type DescMessage, type FileRegistry, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';

/** One test of the runner (`conformance.ConformanceRequest`). */
export interface Task {
  readonly type: DescMessage;
  readonly input: { readonly format: 'json' | 'protobuf'; readonly bytes: Uint8Array };
  readonly output: 'json' | 'protobuf';
}

/** What came of it: bytes, or why there are none. */
export type Outcome =
  | { readonly bytes: Uint8Array }
  | { readonly parseError: string }
  | { readonly serializeError: string };

/** Does a task. */
export type Translate = (task: Task) => Outcome;

type Fields = Message & Record<string, unknown>;

const OUTPUT: Readonly<Record<number, Task['output']>> = { 1: 'protobuf', 2: 'json' };
/** `conformance.TestCategory.JSON_IGNORE_UNKNOWN_PARSING_TEST` */
const IGNORE_UNKNOWN = 3;
const STDIN = 0;
const STDOUT = 1;

/** Answers the runner until it closes its end. */
export async function serve(registry: FileRegistry, translate: Translate): Promise<void> {
  const requestType = typeOf(registry, 'conformance.ConformanceRequest');
  const responseType = typeOf(registry, 'conformance.ConformanceResponse');
  for (let size = read(4); size; size = read(4)) {
    const request = fromBinary(requestType, read(size.readUInt32LE()) ?? Buffer.alloc(0)) as Fields;
    const response = create(responseType, { result: resultOf(registry, request, translate) } as never);
    const bytes = toBinary(responseType, response);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    write(Buffer.concat([length, bytes]));
  }
}

function resultOf(registry: FileRegistry, request: Fields, translate: Translate) {
  if (request.messageType === 'conformance.FailureSet') {
    return { case: 'protobufPayload', value: new Uint8Array() };
  }
  const task = taskOf(registry, request);
  if (typeof task === 'string') return { case: 'skipped', value: task };
  const outcome = translate(task);
  if ('parseError' in outcome) return { case: 'parseError', value: outcome.parseError };
  if ('serializeError' in outcome) return { case: 'serializeError', value: outcome.serializeError };
  if (task.output === 'json') return { case: 'jsonPayload', value: Buffer.from(outcome.bytes).toString() };
  return { case: 'protobufPayload', value: outcome.bytes };
}

/** The task of a request, or why the gateway has no such task. */
function taskOf(registry: FileRegistry, request: Fields): Task | string {
  const payload = request.payload as { readonly case: string; readonly value: string | Uint8Array };
  const output = OUTPUT[Number(request.requestedOutputFormat)];
  if (!output || (payload.case !== 'jsonPayload' && payload.case !== 'protobufPayload'))
    return 'a format the gateway does not speak';
  if (Number(request.testCategory) === IGNORE_UNKNOWN) return 'the gateway never ignores unknown fields';
  const json = payload.case === 'jsonPayload';
  return {
    type: typeOf(registry, String(request.messageType)),
    input: {
      format: json ? 'json' : 'protobuf',
      bytes: json ? Buffer.from(payload.value as string) : (payload.value as Uint8Array),
    },
    output,
  };
}

function typeOf(registry: FileRegistry, name: string): DescMessage {
  const type = registry.getMessage(name);
  if (!type) throw new Error(`no ${name}`);
  return type;
}

function read(length: number): Buffer | undefined {
  const buffer = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const count = readSync(STDIN, buffer, filled, length - filled, null);
    if (count === 0) return undefined;
    filled += count;
  }
  return buffer;
}

function write(bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(STDOUT, bytes, written);
}

import type { DescMessage } from '@bufbuild/protobuf';

/** A name of proto with an underscore: others are the same in JSON. */
const PROTO_NAME = /\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b/g;

/** Puts the JSON names of fields where a text has their proto names. */
export type NameInText = (text: string) => string;

/** Compiles the names of the fields that messages have, at any depth. Words that name no field stay as they are. */
export function compileTextNames(messages: readonly DescMessage[]): NameInText {
  const names = new Map<string, string>();
  const known = new Set<DescMessage>();
  const collect = (message: DescMessage) => {
    if (known.has(message)) return;
    known.add(message);
    for (const { name, jsonName, message: inner } of message.fields) {
      names.set(name, jsonName);
      if (inner) collect(inner);
    }
  };
  messages.forEach(collect);
  return (text) => text.replace(PROTO_NAME, (name) => names.get(name) ?? name);
}

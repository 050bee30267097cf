import type { DescMessage } from '@bufbuild/protobuf';
import { type Path, parsePath } from '@bufbuild/protobuf/reflect';
import { jsonPathToString } from './json-path.ts';

/** The steps of a path through a message, in the names of its JSON. */
export function pathSteps(path: Path): (string | number)[] {
  return path.map((step) => {
    switch (step.kind) {
      case 'list_sub':
        return step.index;
      case 'map_sub':
        return String(step.key);
      case 'oneof':
        return step.name;
      default:
        return step.kind === 'field' ? step.jsonName : step.typeName;
    }
  });
}

/** Of which message of a client stream it is. */
const OF_MESSAGE = /^\[\d+\](?:\.|$)/;

/** A path in proto names, as services give it, in the names of the JSON. What is no path of the message stays as it is. */
export function toJsonPath(message: DescMessage, path: string): string {
  const [ofMessage = ''] = OF_MESSAGE.exec(path) ?? [];
  try {
    return ofMessage + jsonPathToString(pathSteps(parsePath(message, path.slice(ofMessage.length))));
  } catch {
    return path;
  }
}

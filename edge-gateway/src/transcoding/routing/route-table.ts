import type { PathTemplate } from './path-template.ts';
import { joinSegments, parseRequestPath, type RequestPath, splitVerb } from './request-path.ts';

/** The outcome of the table for a method and a path. */
export type RouteOutcome<Target> =
  | { readonly kind: 'found'; readonly target: Target; readonly captures: readonly string[] }
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'malformed' };

/** Two routes that match the same requests. */
export class RouteCollisionError extends Error {
  override readonly name = 'RouteCollisionError';
}

interface Route<Target> {
  readonly name: string;
  readonly template: PathTemplate;
  readonly target: Target;
}

/** The routes that end at one place of the tree, by verb and by method. */
type Leaf<Target> = Map<string, Map<string, Route<Target>>>;

interface TreeNode<Target> {
  readonly literals: Map<string, TreeNode<Target>>;
  one: TreeNode<Target> | undefined;
  readonly here: Leaf<Target>;
  readonly rest: Leaf<Target>;
}

/** A table of path templates. A literal goes before `*`, `*` before `**`; `HEAD` is answered where `GET` is. */
export interface RouteTable<Target> {
  /**
   * @param method the HTTP method, or `*` for any.
   * @param name who owns the route, for the message of a collision.
   * @throws RouteCollisionError naming both owners.
   */
  add(method: string, template: PathTemplate, name: string, target: Target): void;
  /** @param path as it was sent, without the query. */
  find(method: string, path: string): RouteOutcome<Target>;
}

/** Makes an empty table. */
export function createRouteTable<Target>(): RouteTable<Target> {
  const root = createNode<Target>();
  /** Whole paths that are nothing but literals, which most requests ask for: no tree is needed for them. */
  const literal = new Map<string, Route<Target>>();
  return {
    add: (method, template, name, target) => {
      const route = { name, template, target };
      addRoute(root, method, route);
      if (template.segments.every(({ kind }) => kind === 'literal')) literal.set(`${method} ${template.text}`, route);
    },
    find: (method, text) => {
      const known = literal.get(`${method} ${text}`);
      if (known) return { kind: 'found', target: known.target, captures: [] };
      const path = parseRequestPath(text);
      if (!path) return { kind: 'malformed' };
      const custom = splitVerb(path);
      const leaves = custom ? leavesOf(root, custom.path.decoded, 0, custom.verb) : [];
      if (custom && leaves.length > 0) return choose(leaves, method, custom.path);
      return choose(leavesOf(root, path.decoded, 0, ''), method, path);
    },
  };
}

function createNode<Target>(): TreeNode<Target> {
  return { literals: new Map(), one: undefined, here: new Map(), rest: new Map() };
}

function addRoute<Target>(root: TreeNode<Target>, method: string, route: Route<Target>): void {
  const { segments, verb, text } = route.template;
  let node = root;
  let leaf = root.here;
  for (const segment of segments) {
    if (segment.kind === 'many') leaf = node.rest;
    else {
      node = segment.kind === 'literal' ? literalChild(node, segment.text) : anyChild(node);
      leaf = node.here;
    }
  }
  const methods = leaf.get(verb) ?? new Map<string, Route<Target>>();
  const taken = methods.get(method);
  if (taken) {
    const [first, second] = [taken.template.text, text];
    throw new RouteCollisionError(
      `${taken.name} (${first}) and ${route.name} (${second}) both answer ${method} ${text}`,
    );
  }
  leaf.set(verb, methods.set(method, route));
}

function literalChild<Target>(node: TreeNode<Target>, text: string): TreeNode<Target> {
  const child = node.literals.get(text) ?? createNode<Target>();
  node.literals.set(text, child);
  return child;
}

function anyChild<Target>(node: TreeNode<Target>): TreeNode<Target> {
  node.one ??= createNode();
  return node.one;
}

/** Every set of methods whose template matches, the most literal first. Visits each node of the tree at most once. */
function leavesOf<Target>(
  node: TreeNode<Target>,
  segments: readonly string[],
  depth: number,
  verb: string,
): Map<string, Route<Target>>[] {
  const rest = node.rest.get(verb);
  const segment = segments[depth];
  if (segment === undefined) return [node.here.get(verb), rest].filter((methods) => methods !== undefined);
  const literal = node.literals.get(segment);
  const found = literal ? leavesOf(literal, segments, depth + 1, verb) : [];
  if (node.one && segment !== '') found.push(...leavesOf(node.one, segments, depth + 1, verb));
  if (rest) found.push(rest);
  return found;
}

function choose<Target>(
  leaves: readonly ReadonlyMap<string, Route<Target>>[],
  method: string,
  path: RequestPath,
): RouteOutcome<Target> {
  for (const methods of leaves) {
    const route = methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined) ?? methods.get('*');
    if (route) return { kind: 'found', target: route.target, captures: capturesOf(route.template, path) };
  }
  if (leaves.length === 0) return { kind: 'not-found' };
  const allowed = new Set(leaves.flatMap((methods) => [...methods.keys()]));
  if (allowed.has('GET')) allowed.add('HEAD');
  return { kind: 'method-not-allowed', allow: [...allowed.add('OPTIONS')].sort() };
}

function capturesOf({ variables }: PathTemplate, { raw, decoded }: RequestPath): string[] {
  return variables.map(({ start, end, multiSegment }) =>
    multiSegment ? joinSegments(raw.slice(start, end)) : (decoded[start] ?? ''),
  );
}

/** One segment of a path template: a literal, `*` (one segment) or `**` (all that is left). */
export type TemplateSegment = { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'one' | 'many' };

/** A variable of a path template and the segments it captures. */
export interface TemplateVariable {
  /** The field it sets, as written: `thing.thing_id`. */
  readonly fieldPath: string;
  /** Its first segment. */
  readonly start: number;
  /** One past its last segment; undefined when it captures all that is left. */
  readonly end: number | undefined;
  /** True when it can capture several segments: an encoded slash in them stays encoded. */
  readonly multiSegment: boolean;
}

/** A parsed path template of `google.api.http`. */
export interface PathTemplate {
  readonly text: string;
  readonly segments: readonly TemplateSegment[];
  readonly variables: readonly TemplateVariable[];
  /** The custom verb after the last colon, without it; empty when there is none. */
  readonly verb: string;
}

/** A path template that does not follow the grammar of `google/api/http.proto`. */
export class PathTemplateError extends Error {
  override readonly name = 'PathTemplateError';
}

const TOKEN = /\*\*|[*/{}=:]|[^*/{}=:]+/g;
const FIELD_PATH = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

/** The tokens that are left, and what was read of them. */
interface Parsing {
  readonly text: string;
  readonly tokens: string[];
  readonly segments: TemplateSegment[];
  readonly variables: TemplateVariable[];
}

/**
 * Parses a path template:
 *
 *     Template = "/" Segments [ Verb ] ;
 *     Segments = Segment { "/" Segment } ;
 *     Segment  = "*" | "**" | LITERAL | Variable ;
 *     Variable = "{" FieldPath [ "=" Segments ] "}" ;
 *     Verb     = ":" LITERAL ;
 *
 * @throws PathTemplateError saying what is wrong.
 */
export function parsePathTemplate(text: string): PathTemplate {
  const parsing: Parsing = { text, tokens: text.match(TOKEN) ?? [], segments: [], variables: [] };
  expect(parsing, '/');
  readSegments(parsing, readSegment);
  const verb = accept(parsing, ':') ? readLiteral(parsing) : '';
  if (parsing.tokens.length > 0) throw fault(parsing, `does not end before "${parsing.tokens.join('')}"`);
  const many = parsing.segments.findIndex(({ kind }) => kind === 'many');
  if (many >= 0 && many < parsing.segments.length - 1) throw fault(parsing, 'has segments after "**"');
  const fields = parsing.variables.map(({ fieldPath }) => fieldPath);
  if (new Set(fields).size < fields.length) throw fault(parsing, 'sets a field twice');
  return { text, segments: parsing.segments, variables: parsing.variables, verb };
}

function readSegments(parsing: Parsing, read: (parsing: Parsing) => void): void {
  do read(parsing);
  while (accept(parsing, '/'));
}

function readSegment(parsing: Parsing): void {
  if (parsing.tokens[0] === '{') readVariable(parsing);
  else readPlainSegment(parsing);
}

function readPlainSegment(parsing: Parsing): void {
  if (accept(parsing, '**')) parsing.segments.push({ kind: 'many' });
  else if (accept(parsing, '*')) parsing.segments.push({ kind: 'one' });
  else parsing.segments.push({ kind: 'literal', text: readLiteral(parsing) });
}

function readVariable(parsing: Parsing): void {
  expect(parsing, '{');
  const fieldPath = readLiteral(parsing);
  if (!FIELD_PATH.test(fieldPath)) throw fault(parsing, `names no field by "${fieldPath}"`);
  const start = parsing.segments.length;
  if (accept(parsing, '=')) readSegments(parsing, readPlainSegment);
  else parsing.segments.push({ kind: 'one' });
  expect(parsing, '}');
  const captured = parsing.segments.slice(start);
  const open = captured.at(-1)?.kind === 'many';
  parsing.variables.push({
    fieldPath,
    start,
    end: open ? undefined : parsing.segments.length,
    multiSegment: open || captured.length > 1,
  });
}

function readLiteral(parsing: Parsing): string {
  const token = parsing.tokens.shift();
  if (token === undefined || /^[*/{}=:]/.test(token))
    throw fault(parsing, `lacks a name before "${token ?? 'its end'}"`);
  try {
    return decodeURIComponent(token);
  } catch {
    throw fault(parsing, `has a wrong percent-encoding in "${token}"`);
  }
}

function accept(parsing: Parsing, token: string): boolean {
  if (parsing.tokens[0] !== token) return false;
  parsing.tokens.shift();
  return true;
}

function expect(parsing: Parsing, token: string): void {
  if (!accept(parsing, token)) throw fault(parsing, `lacks "${token}" before "${parsing.tokens[0] ?? 'its end'}"`);
}

function fault({ text }: Parsing, what: string): PathTemplateError {
  return new PathTemplateError(`the path template ${text} ${what}`);
}

import type { DescField, DescMessage } from '@bufbuild/protobuf';

/**
 * The field by which a broken stream is resumed: each response carries a `resume_token`, and a request with the last one seen
 * goes on after it. It becomes the `id` of server-sent events, and `Last-Event-ID` sets it.
 */
export function resumeFieldOf(message: DescMessage): DescField | undefined {
  return message.fields.find(({ name, fieldKind }) => name === 'resume_token' && fieldKind === 'scalar');
}

import { extractText, getDocumentProxy } from 'unpdf';

/** The text of each page of a PDF. @throws Error when it is none. */
export async function pagesOf(pdf: Uint8Array): Promise<string[]> {
  // The reader keeps the bytes that it is given.
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)));
  return text;
}

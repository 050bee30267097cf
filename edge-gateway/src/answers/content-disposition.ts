/**
 * The `Content-Disposition` of what is downloaded under a name (RFC 6266): in ASCII, and as it is where that is something else
 * (RFC 8187).
 */
export function attachment(fileName: string): string {
  const ascii = fileName.replaceAll(/[^\w.-]/g, '_');
  const star =
    ascii === fileName ? '' : `; filename*=UTF-8''${encodeURIComponent(fileName).replaceAll(/['()*]/g, escaped)}`;
  return `attachment; filename="${ascii}"${star}`;
}

function escaped(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;
}

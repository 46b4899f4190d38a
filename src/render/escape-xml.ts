/** Text for XML and HTML, in content and in quoted attributes. Characters that XML 1.0 forbids (§2.2) are left out, lone surrogates too. */
export function escapeXml(text: string): string {
  return stripIllegalXml(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** @see https://www.w3.org/TR/xml/#charsets */
export const stripIllegalXml = (text: string): string => text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')

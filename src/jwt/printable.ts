/** C0 and C1 controls, bidirectional and zero-width marks, line separators, byte-order mark, tag characters. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/** Text from a token as it may reach a terminal or a log: characters that hide, reorder or command show as `\uXXXX`. */
export const printable = (text: string): string => text.replace(HIDDEN, escapeCharacter)

/** Whether {@link printable} would change it. */
export const hasHidden = (text: string): boolean => text.search(HIDDEN) >= 0

const escapeCharacter = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')

/** A value from a token inside a message: one line, printable, at most 80 characters. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'none'
  const text = printable(typeof value === 'string' ? value : JSON.stringify(value))
  if (text === '') return '""'
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

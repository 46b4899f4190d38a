import { isUtf8 } from 'node:buffer'
import type { JsonObject, JsonValue } from './types.js'

/** Deeper texts are refused: no honest token needs them, and readers further on may recurse. */
const MAX_DEPTH = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b
const CLOSE_BRACE = 0x7d
const CLOSE_BRACKET = 0x5d

export type JsonReading = { readonly value: JsonObject } | { readonly problem: string }

/**
 * Reads a JSON object the way a verifier must: UTF-8 without byte-order mark, no member twice at any level, at most 64 levels deep.
 * `JSON.parse` alone keeps the last of two members silently, so two readers would see two tokens.
 * @see RFC 7519 §4, RFC 8259 §4, RFC 8725 §3.7
 */
export function parseJsonObject(bytes: Uint8Array): JsonReading {
  if (!isUtf8(bytes)) return { problem: 'is not UTF-8' }
  const text = (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString('utf8')
  const shape = measure(text)
  if (shape.depth > MAX_DEPTH) return { problem: `is nested deeper than ${MAX_DEPTH} levels` }
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch {
    return { problem: text.startsWith('\uFEFF') ? 'starts with a byte-order mark' : 'is not JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'is not a JSON object' }
  if (countMembers(value as JsonObject) !== shape.members) return { problem: 'has a member twice' }
  return { value: value as JsonObject }
}

/** Members written in a text (colons outside strings) and its greatest depth. Exact for valid JSON, harmless for anything else. */
function measure(text: string): { readonly members: number; readonly depth: number } {
  let members = 0
  let depth = 0
  let deepest = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfString(text, i)
    else if (code === COLON) members++
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) deepest = Math.max(deepest, ++depth)
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
  }
  return { members, depth: deepest }
}

/** Index of the quote that closes the string opened at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

function isEscaped(text: string, index: number): boolean {
  let slashes = 0
  while (text.charCodeAt(index - 1 - slashes) === BACKSLASH) slashes++
  return slashes % 2 === 1
}

/** Members that survived parsing; fewer than were written means that one hid another. */
function countMembers(value: JsonObject | readonly JsonValue[]): number {
  let count = 0
  if (Array.isArray(value)) {
    for (const child of value as readonly JsonValue[]) if (typeof child === 'object' && child !== null) count += countMembers(child)
    return count
  }
  const members = value as JsonObject
  // for-in takes half the time of Object.keys; should a prototype ever lend a member, the object is refused
  for (const name in members) {
    const child = members[name]
    count++
    if (typeof child === 'object' && child !== null) count += countMembers(child)
  }
  return count
}

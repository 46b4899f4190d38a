import { query, type JsonValue } from 'jsonpath-rfc9535'
import parse from 'jsonpath-rfc9535/parser'

/** A checked JSONPath expression (RFC 9535). */
export interface JsonQuery {
  readonly text: string
  /** Every value found, in document order. */
  find(document: unknown): readonly unknown[]
}

/** @throws {Error} when the text is no JSONPath; the message says where. */
export function compileJsonPath(text: string): JsonQuery {
  parse(text)
  return { text, find: (document) => query(document as JsonValue, text) }
}

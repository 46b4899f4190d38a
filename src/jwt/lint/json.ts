import { isUtf8 } from 'node:buffer'
import { parseJsonObject } from '../strict-json.js'
import { hasHidden, printable, showValue } from '../printable.js'
import { memberNames, numberLiterals, strings } from './json-text.js'
import { error, warn, type LintContext, type LintRule } from './rule.js'

const REGISTERED: readonly string[] = [
  'alg',
  'kid',
  'typ',
  'cty',
  'crit',
  'jku',
  'jwk',
  'x5u',
  'x5c',
  'x5t',
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'scope',
  'client_id',
  'azp',
  'nonce',
]
/** Members that are registered themselves though they look like others. */
const HARMLESS: ReadonlySet<string> = new Set(['AUD', 'scp'])
const BUILT_IN: readonly string[] = ['__proto__', 'constructor', 'prototype']

const bytesOf = ({ parts }: LintContext): readonly Buffer[] => parts.slice(0, 2).map((part) => Buffer.from(part, 'base64url'))

/** JSON that readers read differently (L-12 … L-19). */
export const JSON_RULES: readonly LintRule[] = [
  {
    id: 'L-12',
    key: 'json.invalid',
    spec: 'RFC 7515 §5.2',
    check: ({ reading }) => (reading.form !== 'opaque' && reading.header === undefined ? error('The header is no JSON object') : undefined),
  },
  {
    id: 'L-13',
    key: 'json.payload',
    spec: 'RFC 7519 §7.2',
    check: ({ reading }) =>
      reading.form === 'jws' && reading.payloadBytes && !reading.payload
        ? error('The payload is no JSON object: signed data, but not a JWT')
        : undefined,
  },
  {
    id: 'L-14',
    key: 'json.bom',
    spec: 'RFC 8725 §3.7',
    check: (context) =>
      context.reading.form === 'jws' &&
      bytesOf(context).some((bytes) => !isUtf8(bytes) || bytes.subarray(0, 3).equals(Buffer.from('\uFEFF')))
        ? error('A byte-order mark, or bytes that are not UTF-8: parsers disagree')
        : undefined,
  },
  {
    id: 'L-15',
    key: 'json.duplicates',
    spec: 'RFC 7519 §4, RFC 8259 §4',
    check: (context) => {
      if (context.reading.form !== 'jws') return undefined
      return bytesOf(context).flatMap((bytes, index) => {
        const reading = parseJsonObject(bytes)
        const twice = 'problem' in reading && reading.problem.includes('twice')
        return twice ? [error(`A member occurs twice in the ${index === 0 ? 'header' : 'payload'}: two readers see two tokens`)] : []
      })
    },
  },
  {
    id: 'L-16',
    key: 'json.lookalike',
    spec: 'RFC 7519 §4',
    check: ({ texts }) =>
      texts.flatMap(memberNames).flatMap(({ written, name }) => {
        const plain = name.normalize('NFKC').replace(/[\s\p{Cf}]/gu, '')
        const twin = REGISTERED.find((known) => known === plain.toLowerCase())
        if (twin === undefined || HARMLESS.has(name)) return []
        if (name !== twin) return [warn(`Member ${showValue(name)} is not ${twin}, but passes for it`)]
        return written === name ? [] : [warn(`Member ${twin} is written with escapes (${showValue(written)})`)]
      }),
  },
  {
    id: 'L-17',
    key: 'json.number',
    spec: 'RFC 8259 §6',
    check: ({ texts }) =>
      texts.flatMap(numberLiterals).flatMap((literal) => {
        const value = Number(literal)
        const changes = Object.is(value, -0) || !Number.isFinite(value) || (/^-?\d+$/.test(literal) && !Number.isSafeInteger(value))
        return changes ? [warn(`The number ${showValue(literal)} changes when it is parsed`)] : []
      }),
  },
  {
    id: 'L-18',
    key: 'json.proto-name',
    spec: 'CWE-1321',
    check: ({ texts }) =>
      texts
        .flatMap(memberNames)
        .flatMap(({ name }) => (BUILT_IN.includes(name) ? [warn(`A member is named ${name}: a prototype pollution attempt?`)] : [])),
  },
  {
    id: 'L-19',
    key: 'chars.control',
    spec: 'RFC 7515 §10.13',
    check: ({ header, claims }) =>
      [...strings(header), ...strings(claims)].flatMap(({ path, text }) =>
        hasHidden(text) ? [warn(`${printable(path)} holds control, bidirectional or zero-width characters`)] : [],
      ),
  },
]

import { MAC_BYTES } from './seal.js'
import type { Purpose, Sealer } from './seal.js'
import type { Times } from './timeouts.js'

/** The fixed front of a cookie: 82 bytes, 110 base64url characters. Everything in it is under the MAC. */
export interface Header extends Times {
  /** 256 random bits; new with every save. */
  readonly sid: Buffer
  readonly deflated: boolean
  /** The content lies in a store, not behind this header. */
  readonly stored: boolean
  /** Length of the sealed bytes. */
  readonly size: number
  readonly tag: Buffer
}

const HEADER_BYTES = 82
/** Characters of an encoded header. */
export const HEADER_CHARS = 110
export const SID_BYTES = 32
const VERSION = 1
const FLAG_STORED = 0x01
const FLAG_DEFLATED = 0x10
/** Up to and with the size: what the encryption authenticates. */
const FRONT_BYTES = 47
/** Up to and with the idle stamp: what the MAC covers. */
const MACED_BYTES = HEADER_BYTES - MAC_BYTES

/** The part of a header that is known before its content is sealed. */
export type HeaderFront = Omit<Header, 'tag' | 'idleSince'>

export function encodeFront(front: HeaderFront): Buffer {
  const bytes = Buffer.alloc(FRONT_BYTES)
  bytes.writeUInt8(VERSION, 0)
  bytes.writeUInt16LE((front.stored ? FLAG_STORED : 0) | (front.deflated ? FLAG_DEFLATED : 0), 1)
  front.sid.copy(bytes, 3)
  bytes.writeUIntLE(front.createdAt, 35, 5)
  bytes.writeUIntLE(front.rolledAt - front.createdAt, 40, 4)
  bytes.writeUIntLE(front.size, 44, 3)
  return bytes
}

/** @param binding what else the MAC covers: cookie name, client address … (`session_bind`). */
export function encodeHeader(header: Header, sealer: Sealer, purpose: Purpose, binding: readonly string[]): string {
  const bytes = Buffer.alloc(HEADER_BYTES)
  encodeFront(header).copy(bytes)
  header.tag.copy(bytes, FRONT_BYTES)
  bytes.writeUIntLE(Math.max(0, header.idleSince - header.rolledAt), 63, 3)
  sealer.mac(header.sid, purpose, [bytes.subarray(0, MACED_BYTES), ...binding]).copy(bytes, MACED_BYTES)
  return bytes.toString('base64url')
}

/** Undefined for anything but an untouched header of ours; unused bits of the last character count as touched (G-119). */
export function decodeHeader(text: string, sealer: Sealer, purpose: Purpose, binding: readonly string[]): Header | undefined {
  const bytes = decodeBase64url(text, HEADER_BYTES)
  if (!bytes || bytes.readUInt8(0) !== VERSION) return undefined
  const sid = bytes.subarray(3, 35)
  const parts = [bytes.subarray(0, MACED_BYTES), ...binding]
  if (!sealer.macMatches(sid, purpose, parts, bytes.subarray(MACED_BYTES))) return undefined
  const flags = bytes.readUInt16LE(1)
  const createdAt = bytes.readUIntLE(35, 5)
  const rolledAt = createdAt + bytes.readUIntLE(40, 4)
  return {
    sid,
    stored: (flags & FLAG_STORED) !== 0,
    deflated: (flags & FLAG_DEFLATED) !== 0,
    createdAt,
    rolledAt,
    idleSince: rolledAt + bytes.readUIntLE(63, 3),
    size: bytes.readUIntLE(44, 3),
    tag: bytes.subarray(FRONT_BYTES, FRONT_BYTES + 16),
  }
}

/** Strict base64url of exactly so many bytes. */
export function decodeBase64url(text: string, length: number): Buffer | undefined {
  if (text.length !== base64urlLength(length) || !/^[A-Za-z0-9_-]*$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

export const base64urlLength = (bytes: number): number => Math.ceil((bytes * 4) / 3)

import { resolve } from 'node:path'
import { OidcgwError } from '../../errors.js'
import type { Host, InputStream } from '../../host.js'
import { findTokens } from '../../jwt/paste.js'
import { readToken } from '../../jwt/reading.js'

export interface TextInput {
  readonly text: string
  readonly from: 'argument' | 'stdin' | 'file'
}

/** A paste is small; anything larger is the wrong file. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * The text a command works on: an argument, `@FILE`, the path of a file that exists, or stdin for `-` and for nothing at all.
 * @throws {OidcgwError} `ERR_USAGE` when there is nothing to read, `ERR_INPUT_NOT_FOUND` when the file is not there.
 */
export async function readTextInput(argument: string | undefined, host: Pick<Host, 'stdin' | 'cwd'>, what = 'a token'): Promise<TextInput> {
  if (argument === undefined || argument === '-') {
    if (host.stdin.isTTY) {
      throw new OidcgwError('ERR_USAGE', `${what} is missing`, { hint: 'Pipe it in, or name it as an argument or as @FILE' })
    }
    return { text: await readStream(host.stdin, what), from: 'stdin' }
  }
  if (argument.startsWith('@')) return { text: await readInputFile(argument.slice(1), host), from: 'file' }
  if (mayBePath(argument)) {
    const text = await readText(resolve(host.cwd, argument)).catch((cause: NodeJS.ErrnoException) => {
      // It is there, so it is what was meant.
      if (cause.code === 'EISDIR' || cause.code === 'EACCES') throw unreadable(argument, cause)
      return undefined
    })
    if (text !== undefined) return { text, from: 'file' }
  }
  return { text: argument, from: 'argument' }
}

/** @param where the flag that names it, for the message. @throws {OidcgwError} `ERR_INPUT_NOT_FOUND` */
export async function readInputFile(path: string, { cwd }: Pick<Host, 'cwd'>, where?: string): Promise<string> {
  return readText(resolve(cwd, path)).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, cause, where)
  })
}

const unreadable = (path: string, cause: NodeJS.ErrnoException, where?: string): OidcgwError =>
  new OidcgwError('ERR_INPUT_NOT_FOUND', `${path} cannot be read (${cause.code ?? 'error'})`, {
    cause,
    hint: 'Check the path',
    ...(where !== undefined && { where }),
  })

/** Loaded when a file is read: stdin needs none of it. */
const readText = async (path: string): Promise<string> => (await import('node:fs/promises')).readFile(path, 'utf8')

/** Short, on one line, and neither a token nor JSON. */
const mayBePath = (text: string): boolean => text.length < 1024 && !/^eyJ|[\s{}"]|^\w+ /.test(text)

async function readStream(stream: InputStream, what: string): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk))
    size += chunk.length
    if (size > MAX_BYTES) throw new OidcgwError('ERR_USAGE', `stdin is larger than ${MAX_BYTES / 1024 / 1024} MiB: that is not ${what}`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Says what the text is not, without showing it. */
export function notAToken(text: string): OidcgwError {
  const [piece] = findTokens(text)
  if (!piece) {
    return new OidcgwError('ERR_NOT_A_TOKEN', 'there is nothing to read', {
      hint: 'Pipe a token in, or name it as an argument or as @FILE',
    })
  }
  const problem = readToken(piece).problem ?? 'it is none'
  return new OidcgwError('ERR_NOT_A_TOKEN', `not a JWT: ${problem}`, {
    hint: 'A JWT is base64url parts with dots between them; what an opaque token means, oidcgw introspect can ask',
  })
}

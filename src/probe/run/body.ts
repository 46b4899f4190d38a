import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { OidcgwError } from '../../errors.js'
import type { BodyTemplate, PartTemplate } from '../suite/suite.js'

export interface EncodedBody {
  readonly bytes: string | Uint8Array
  /** Only when it must be this very one: multipart names its boundary. */
  readonly contentType?: string
}

/** A filled-in body as bytes. @throws {OidcgwError} `ERR_INPUT_NOT_FOUND` when a file has gone since the suite was checked. */
export async function encodeBody(body: BodyTemplate, boundary: () => string): Promise<EncodedBody> {
  switch (body.kind) {
    case 'json':
      return { bytes: JSON.stringify(body.value) }
    case 'form':
      return { bytes: new URLSearchParams(body.fields as [string, string][]).toString() }
    case 'raw':
      return { bytes: body.text }
    case 'file':
      return { bytes: await readBodyFile(body.path) }
    case 'multipart': {
      const mark = `oidcgw-${boundary()}`
      const parts = await Promise.all(body.parts.map((part) => encodePart(part, mark)))
      return { bytes: Buffer.concat([...parts, Buffer.from(`--${mark}--\r\n`)]), contentType: `multipart/form-data; boundary=${mark}` }
    }
  }
}

/** One part of a form (RFC 7578). Quotes and line ends in names are escaped as browsers do. */
async function encodePart({ name, value = '', file, type }: PartTemplate, boundary: string): Promise<Buffer> {
  const quote = (text: string): string => `"${text.replace(/["\r\n]/g, (character) => encodeURIComponent(character))}"`
  const disposition = `form-data; name=${quote(name)}${file === undefined ? '' : `; filename=${quote(basename(file))}`}`
  const contentType = type ?? (file === undefined ? undefined : 'application/octet-stream')
  const head = [`--${boundary}`, `Content-Disposition: ${disposition}`, ...(contentType ? [`Content-Type: ${contentType}`] : []), '', '']
  return Buffer.concat([
    Buffer.from(head.join('\r\n')),
    file === undefined ? Buffer.from(value) : await readBodyFile(file),
    Buffer.from('\r\n'),
  ])
}

async function readBodyFile(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_INPUT_NOT_FOUND', `${path} cannot be read (${cause.code ?? 'error'})`, { cause })
  })
}

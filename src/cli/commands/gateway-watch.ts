import { watch, type FSWatcher } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { readStdin } from '../read-stdin.js'

/** One document's text and what to call it in messages. */
export interface Source {
  readonly file: string
  readonly text: string
}

const STDIN = '(stdin)'

/**
 * Reads documents in the order given; `-` is stdin, which is read once: later readings take its text from `previous`.
 * @throws {OidcgwError} `ERR_CONFIG_NOT_FOUND`.
 */
export async function readSources(
  files: readonly string[],
  host: Pick<Host, 'cwd' | 'stdin'>,
  previous: readonly Source[] = [],
): Promise<readonly Source[]> {
  const sources: Source[] = []
  for (const file of files) {
    if (file === '-')
      sources.push(
        previous.find((source) => source.file === STDIN) ?? { file: STDIN, text: (await readStdin(host.stdin)).toString('utf8') },
      )
    else sources.push({ file, text: await readText(resolve(host.cwd, file), file) })
  }
  return sources
}

const readText = (path: string, shown: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? ': there is no such file' : ` cannot be read (${cause.code ?? 'error'})`
    throw new OidcgwError('ERR_CONFIG_NOT_FOUND', `${shown}${why}`, { cause, hint: 'Give the path of a Kong declarative document' })
  })

export const sameTexts = (a: readonly Source[], b: readonly Source[]): boolean =>
  a.length === b.length && a.every(({ text }, index) => text === b[index]?.text)

/** Several events of one save are one change. Milliseconds. */
const QUIET_MS = 50

/**
 * Calls back when something happens in the folders of these files: editors and orchestrators replace files instead of writing them, and a
 * replaced file is only seen from its folder. Returns what stops it.
 */
export function watchFiles(files: readonly string[], { cwd }: Pick<Host, 'cwd'>, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const folders = new Set(files.filter((file) => file !== '-').map((file) => dirname(resolve(cwd, file))))
  const watchers = [...folders].map((folder): FSWatcher => {
    return watch(folder, () => {
      clearTimeout(timer)
      timer = setTimeout(onChange, QUIET_MS)
    }).on('error', () => undefined)
  })
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}

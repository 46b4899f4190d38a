import type { Host } from '../../host.js'
import { readCompactJwt } from '../../jwt/compact.js'
import { findTokens } from '../../jwt/paste.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { readLines } from './decode-lines.js'

/** Characters gathered before they are written: one write a line would cost more than the decoding. */
const FLUSH_AT = 64 * 1024

/** `decode -o jsonl`: a token a line in, a JSON document a line out, in order. A line that is none is said in its place, and the exit code is 1. */
export async function decodeBulk(argument: string | undefined, host: Host): Promise<ExitCode> {
  let line = 0
  let allGood = true
  let pending = ''
  for await (const text of readLines(argument, host)) {
    const { value, problem } = readLine(text)
    line++
    if (problem !== undefined) allGood = false
    pending += `${JSON.stringify(value ? { line, header: value.header, payload: value.payload } : { line, error: problem })}\n`
    if (pending.length < FLUSH_AT) continue
    host.stdout.write(pending)
    pending = ''
  }
  host.stdout.write(pending)
  return allGood ? EXIT.yes : EXIT.no
}

/** A bare token at once; anything else through the paste reader. */
function readLine(text: string): ReturnType<typeof readCompactJwt> {
  const direct = readCompactJwt(text)
  return direct.problem === undefined ? direct : readCompactJwt(findTokens(text)[0]?.token ?? text)
}

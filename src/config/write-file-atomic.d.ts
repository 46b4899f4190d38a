declare module 'write-file-atomic' {
  /** Writes to a temporary file beside the target, syncs it, renames it over the target. */
  export default function writeFileAtomic(
    path: string,
    data: string | Buffer,
    options?: { readonly mode?: number; readonly encoding?: BufferEncoding },
  ): Promise<void>
}

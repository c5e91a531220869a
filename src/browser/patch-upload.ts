/** What the caller has seen of an upload: of the second one it is shown only what is new. */

export interface Upload {
  /** Whether the caller has seen this already. What it has not seen counts as seen from now on. */
  readonly isKnown: (event: ProgressEvent) => boolean;
  readonly hasBegun: () => boolean;
}

export function createUpload(): Upload {
  let loaded = -1;
  let hasEnded = false;
  return {
    isKnown: (event) => {
      const isBehind = event.type === 'loadstart' || event.type === 'progress' ? event.loaded <= loaded : hasEnded;
      if (isBehind || hasEnded) return true;
      loaded = event.loaded;
      if (event.type === 'loadend') hasEnded = true;
      return false;
    },
    hasBegun: () => loaded >= 0,
  };
}

/** The title of the browser's tab. */
import { useEffect } from 'react';

/** Sets it while the component is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Order desk`;
  }, [title]);
}

'use client';

import { type RefObject, useEffect, useState } from 'react';

/** Whether an element is on the screen, and how wide it is; 0 before it was measured. */
export function useInSight(element: RefObject<HTMLElement | null>): { inSight: boolean; widthPx: number } {
  const [inSight, setInSight] = useState(false);
  const [widthPx, setWidthPx] = useState(0);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const sight = new IntersectionObserver(([entry]) => setInSight(entry?.isIntersecting ?? false));
    const size = new ResizeObserver(([entry]) => entry && setWidthPx(Math.round(entry.contentRect.width)));
    sight.observe(target);
    size.observe(target);
    return () => {
      sight.disconnect();
      size.disconnect();
    };
  }, [element]);
  return { inSight, widthPx };
}

'use client';

import { useEffect, useRef, useState } from 'react';

/** The newest value, passed on at most once in `everyMs`; the last one always arrives. A new `urgency` does not wait. */
export function useThrottled<Value>(value: Value, everyMs: number, urgency = ''): Value {
  const [shown, setShown] = useState(value);
  const shownAtMs = useRef(0);
  const shownUrgency = useRef(urgency);
  useEffect(() => {
    const waitMs = shownUrgency.current !== urgency ? 0 : Math.max(0, shownAtMs.current + everyMs - performance.now());
    const timer = setTimeout(() => {
      shownAtMs.current = performance.now();
      shownUrgency.current = urgency;
      setShown(value);
    }, waitMs);
    return () => clearTimeout(timer);
  }, [value, everyMs, urgency]);
  return shown;
}

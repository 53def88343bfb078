'use client';

import { Monitor, Moon, Sun } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from '@/components/ui/button.tsx';
import { chooseTheme, currentTheme, nextTheme, type Theme } from './theme.ts';

const ICONS = { system: Monitor, light: Sun, dark: Moon } as const;

/** Goes round system, light, dark. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>('system');
  useEffect(() => setTheme(currentTheme()), []);
  const Icon = ICONS[theme];
  const next = nextTheme(theme);
  const change = () => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <IconButton label={`Theme: ${theme}. Change to ${next}`} onClick={change}>
      <Icon size={16} aria-hidden />
    </IconButton>
  );
}

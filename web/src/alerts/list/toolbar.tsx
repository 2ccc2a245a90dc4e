import { AlignJustify, Rows3, SlidersHorizontal } from "lucide-react";
import type { Ref } from "react";

import { chipsOf, type AlertFilter } from "@/alerts/filter/search";
import { SearchBox } from "@/alerts/filter/search-box";
import { Button, IconButton } from "@/ui/button";
import { INPUT } from "@/ui/field";

import { ListExport } from "./export";
import type { Density } from "./layout";
import type { Sort } from "./queries";

interface ToolbarProps {
  filter: AlertFilter;
  sort: Sort;
  density: Density;
  areFacetsOpen: boolean;
  searchRef: Ref<HTMLInputElement>;
  onWords: (words: string) => void;
  onSort: (sort: Sort) => void;
  onDensity: (density: Density) => void;
  onFacets: () => void;
}

export function ListToolbar({ filter, sort, density, areFacetsOpen, searchRef, onWords, onSort, onDensity, onFacets }: ToolbarProps) {
  const filtered = chipsOf(filter).filter((chip) => chip.field !== "q").length;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button onClick={onFacets} aria-expanded={areFacetsOpen}>
        <SlidersHorizontal size={16} aria-hidden /> Filters{filtered > 0 && <span className="rounded-full bg-accent-soft px-1.5 text-xs text-accent tabular-nums">{filtered}</span>}
      </Button>
      <SearchBox words={filter.q ?? ""} onChange={onWords} inputRef={searchRef} />
      <div className="ml-auto flex items-center gap-1">
        <select aria-label="Order" value={sort} onChange={(event) => onSort(event.target.value as Sort)} className={`${INPUT} w-auto`}>
          <option value="urgent">Most urgent first</option>
          <option value="newest">Newest first</option>
        </select>
        <IconButton
          label={density === "compact" ? "Comfortable rows" : "Compact rows"}
          icon={density === "compact" ? <Rows3 size={16} /> : <AlignJustify size={16} />}
          onClick={() => onDensity(density === "compact" ? "comfortable" : "compact")}
          className="max-md:hidden"
        />
        <ListExport filter={filter} sort={sort} />
      </div>
    </div>
  );
}

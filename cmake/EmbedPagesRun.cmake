# Called by EmbedPages.cmake at build time with DIST, OUT and FILES (names below DIST, with commas).
string(REPLACE "," ";" files "${FILES}")
set(table "")
set(externs "")
set(data ".section .rodata\n")
set(number 0)
foreach(file IN LISTS files)
  get_filename_component(folder ${OUT}/${file} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND gzip -9nc ${DIST}/${file} OUTPUT_FILE ${OUT}/${file}.gz
                  COMMAND_ERROR_IS_FATAL ANY)
  file(SHA256 ${DIST}/${file} hash)
  string(SUBSTRING ${hash} 0 16 tag)
  file(SIZE ${DIST}/${file} bytes)
  file(SIZE ${OUT}/${file}.gz gzip_bytes)
  string(APPEND data ".global fb_page_${number}\nfb_page_${number}:\n.incbin \"${DIST}/${file}\"\n")
  string(APPEND data
    ".global fb_page_${number}_gz\nfb_page_${number}_gz:\n.incbin \"${OUT}/${file}.gz\"\n")
  string(APPEND externs "extern const char fb_page_${number}[];\n")
  string(APPEND externs "extern const char fb_page_${number}_gz[];\n")
  # Compression that gains nothing is left out.
  if(gzip_bytes LESS bytes)
    set(gzip "{fb_page_${number}_gz, ${gzip_bytes}}")
  else()
    set(gzip "{}")
  endif()
  string(APPEND table
    "    EmbeddedFile{\"${file}\", {fb_page_${number}, ${bytes}}, ${gzip}, \"\\\"${tag}\\\"\"},\n")
  math(EXPR number "${number} + 1")
endforeach()
string(APPEND data ".section .note.GNU-stack,\"\",@progbits\n")
file(MAKE_DIRECTORY ${OUT})
file(WRITE ${OUT}/embedded_files.S "${data}")
file(WRITE ${OUT}/embedded_files.cpp
"#include <array>

#include \"edge/api/pages.hpp\"

extern \"C\" {
${externs}}

namespace firebrand {

std::span<const EmbeddedFile> embedded_files() {
  static const std::array<EmbeddedFile, ${number}> kFiles = {
${table}  };
  return kFiles;
}

}  // namespace firebrand
")

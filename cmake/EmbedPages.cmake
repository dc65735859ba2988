# Puts the built pages (web/dist) into a program: the files as they are and compressed, as data in
# an assembler source, and a table of them in a C++ source. Without web/dist the table is empty.
function(embed_pages target)
  set(dist ${CMAKE_SOURCE_DIR}/web/dist)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/pages)
  if(FIREBRAND_WEB)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${dist} ${dist}/*)
    list(FILTER files EXCLUDE REGEX "\\.(map|gz)$")
  endif()
  list(SORT files)
  set(inputs ${files})
  list(TRANSFORM inputs PREPEND ${dist}/)
  string(REPLACE ";" "," files_argument "${files}")
  add_custom_command(
    OUTPUT ${out}/embedded_files.cpp ${out}/embedded_files.S
    COMMAND ${CMAKE_COMMAND} -DDIST=${dist} -DOUT=${out} -DFILES=${files_argument}
      -P ${CMAKE_SOURCE_DIR}/cmake/EmbedPagesRun.cmake
    DEPENDS ${inputs} ${CMAKE_SOURCE_DIR}/cmake/EmbedPagesRun.cmake
    COMMENT "Embedding the pages"
    VERBATIM)
  set_source_files_properties(${out}/embedded_files.S PROPERTIES LANGUAGE ASM)
  target_sources(${target} PRIVATE ${out}/embedded_files.cpp ${out}/embedded_files.S)
endfunction()

"""What jupyter_kernel_test asks of every kernel, asked of this one."""
import unittest

import jupyter_kernel_test


class ConformanceTests(jupyter_kernel_test.KernelTests):
    kernel_name = "didd-csharp"
    language_name = "C#"
    file_extension = ".cs"
    code_hello_world = 'Console.WriteLine("hello, world");'
    code_stderr = 'Console.Error.WriteLine("oops");'
    completion_samples = [{"text": 'Console.WriteLin', "matches": {"WriteLine"}}]
    complete_code_samples = ["1", 'Console.WriteLine("x");', "int F(int x)\n{\n    return x;\n}", '#r "x.dll"\nvar y = 1;']
    incomplete_code_samples = ["Console.WriteLine(", "int F(int x)\n{", "if (true)"]
    invalid_code_samples = ["int 3 = x;", "#!python\n1"]
    code_generate_error = "throw new Exception();"
    code_execute_result = [
        {"code": '"a" + "b"', "result": "ab"},
        {"code": "6 * 7", "mime": "text/html"},
    ]
    code_display_data = [
        {"code": 'HTML("<b>x</b>").Display();', "mime": "text/html"},
        {"code": '"{}".DisplayAs("application/json");', "mime": "application/json"},
    ]
    code_inspect_sample = "Console.WriteLine"


if __name__ == "__main__":
    unittest.main()

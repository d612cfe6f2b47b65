using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Neural networks.</summary>
    public static partial class nn
    {
        /// <summary>
        /// A part of a network: parameters, buffers and further modules, by name. A derived class assigns them to fields and calls
        /// <see cref="RegisterComponents"/> at the end of its constructor.
        /// </summary>
        public class Module : IDisposable
        {
            private readonly List<(string Name, Module Module)> submodules = [];
            private readonly List<(string Name, Tensor Buffer, bool Persistent)> ownBuffers = [];
            private readonly List<(string Name, Parameter Parameter)> ownParameters = [];
            private readonly string name;
            private bool componentsRegistered;

            /// <summary>Creates an empty module.</summary>
            /// <param name="name">Its name, for messages.</param>
            protected Module(string name) => this.name = name;

            /// <summary>Whether layers that differ in training and use (dropout, batch norm) are in training.</summary>
            public virtual bool training { get; private set; } = true;

            /// <summary>The name given at construction.</summary>
            public virtual string GetName() => name;

            /// <summary>Frees all parameters, buffers and submodules.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Frees all parameters, buffers and submodules.</summary>
            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                {
                    return;
                }

                foreach ((string _, Module m) in submodules)
                {
                    m.Dispose();
                }

                foreach ((string _, Parameter p) in ownParameters)
                {
                    p.Dispose();
                }

                foreach ((string _, Tensor b, bool _) in ownBuffers)
                {
                    b.Dispose();
                }
            }

            /// <summary>Registers every field that holds a parameter, a tensor (as a buffer) or a module, under the field's name.</summary>
            protected virtual void RegisterComponents()
            {
                if (componentsRegistered)
                {
                    return;
                }

                componentsRegistered = true;
                for (Type? type = GetType(); type is not null && type != typeof(Module); type = type.BaseType)
                {
                    if (type.Assembly == typeof(Module).Assembly)
                    {
                        continue; // The modules of this library register what they have in their constructors.
                    }

                    foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                    {
                        string component = field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
                        if (IsRegistered(component))
                        {
                            continue;
                        }

                        switch (field.GetValue(this))
                        {
                            case Module m:
                                register_module(component, m);
                                break;
                            case Parameter p:
                                register_parameter(component, p);
                                break;
                            case Tensor t:
                                register_buffer(component, t);
                                break;
                        }
                    }
                }
            }

            /// <summary>Registers a tensor that is part of the state but not learnt; a buffer that is not persistent is left out of state_dict.</summary>
            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                ArgumentNullException.ThrowIfNull(tensor);
                if (IsRegistered(name))
                {
                    throw new InvalidOperationException($"Tensor {name} is already registered.");
                }

                ownBuffers.Add((name, tensor, persistent));
            }

            /// <summary>Registers a parameter.</summary>
            public virtual void register_parameter(string name, Parameter param)
            {
                ArgumentNullException.ThrowIfNull(param);
                if (IsRegistered(name))
                {
                    throw new InvalidOperationException($"Parameter {name} is already registered.");
                }

                ownParameters.Add((name, param));
            }

            /// <summary>Registers a submodule.</summary>
            public virtual void register_module(string name, Module submodule)
            {
                ArgumentNullException.ThrowIfNull(submodule);
                if (name.Length == 0 || name.Contains('.'))
                {
                    throw new ArgumentException($"a module's name must not be empty or hold a dot, as \"{name}\" does", nameof(name));
                }

                if (IsRegistered(name))
                {
                    throw new InvalidOperationException($"Sub-module {name} is already registered.");
                }

                submodule.RegisterComponents();
                submodules.Add((name, submodule));
            }

            /// <summary>Registers a submodule.</summary>
            public void add_module(string name, Module module) => register_module(name, module);

            /// <summary>Applies a function to all submodules, then to this module.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach ((string _, Module m) in submodules)
                {
                    m.apply(fn);
                }

                fn(this);
                return this;
            }

            /// <summary>Puts this module and all below it in training, or in use.</summary>
            public virtual void train(bool train = true)
            {
                training = train;
                foreach ((string _, Module m) in submodules)
                {
                    m.train(train);
                }
            }

            /// <summary>Puts this module and all below it in use.</summary>
            public virtual void eval() => train(false);

            /// <summary>Clears all gradients: sets them to null, or to 0.</summary>
            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (Parameter p in parameters())
                {
                    using Tensor? grad = p.grad;
                    if (grad is null)
                    {
                        continue;
                    }

                    if (set_to_none)
                    {
                        p.grad = null;
                    }
                    else
                    {
                        grad.zero_();
                    }
                }
            }

            /// <summary>The parameters, each once, with names like <c>encoder.0.weight</c>.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                foreach ((string n, Parameter p) in Named(recurse, [], string.Empty))
                {
                    yield return (n, p);
                }
            }

            /// <summary>The parameters, each once.</summary>
            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

            /// <summary>The buffers, with names like <c>encoder.1.running_mean</c>.</summary>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                foreach ((string n, Tensor b, bool persistent) in ownBuffers)
                {
                    if (persistent || include_nonpersistent)
                    {
                        yield return (n, b);
                    }
                }

                if (!recurse)
                {
                    yield break;
                }

                foreach ((string child, Module m) in submodules)
                {
                    foreach ((string n, Tensor b) in m.named_buffers(true, include_nonpersistent))
                    {
                        yield return ($"{child}.{n}", b);
                    }
                }
            }

            /// <summary>The buffers.</summary>
            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) => named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            /// <summary>The direct submodules.</summary>
            public virtual IEnumerable<(string name, Module module)> named_children() => submodules.Select(s => (s.Name, s.Module));

            /// <summary>The direct submodules.</summary>
            public virtual IEnumerable<Module> children() => submodules.Select(s => s.Module);

            /// <summary>All modules below this one.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach ((string n, Module m) in submodules)
                {
                    yield return (n, m);
                }

                foreach ((string n, Module m) in submodules)
                {
                    foreach ((string inner, Module below) in m.named_modules())
                    {
                        yield return ($"{n}.{inner}", below);
                    }
                }
            }

            /// <summary>All modules below this one.</summary>
            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            /// <summary>A parameter by its full name, or null.</summary>
            public virtual Parameter? get_parameter(string target) => named_parameters().FirstOrDefault(p => p.name == target).parameter;

            /// <summary>A buffer by its full name, or null.</summary>
            public virtual Tensor? get_buffer(string target) => named_buffers().FirstOrDefault(b => b.name == target).buffer;

            /// <summary>Whether there is a parameter of this full name.</summary>
            public virtual bool has_parameter(string target) => get_parameter(target) is not null;

            /// <summary>Whether there is a buffer of this full name.</summary>
            public virtual bool has_buffer(string target) => get_buffer(target) is not null;

            /// <summary>Parameters and persistent buffers by full name. The tensors are the module's own, not copies.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                foreach ((string n, Parameter p) in named_parameters())
                {
                    destination.TryAdd(string.IsNullOrEmpty(prefix) ? n : $"{prefix}.{n}", p);
                }

                foreach ((string n, Tensor b) in named_buffers(include_nonpersistent: false))
                {
                    destination.TryAdd(string.IsNullOrEmpty(prefix) ? n : $"{prefix}.{n}", b);
                }

                return destination;
            }

            /// <summary>Copies values into the module's parameters and buffers.</summary>
            /// <param name="source">Values by full name.</param>
            /// <param name="strict">Whether the names must be exactly the module's.</param>
            /// <param name="skip">Names that are left alone.</param>
            /// <returns>The names that the source lacks, and those that the module lacks.</returns>
            /// <exception cref="InvalidOperationException">strict, and the names differ.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                Dictionary<string, Tensor> own = state_dict();
                string[] missing = [.. own.Keys.Where(k => !source.ContainsKey(k) && skip?.Contains(k) != true)];
                string[] unexpected = [.. source.Keys.Where(k => !own.ContainsKey(k) && skip?.Contains(k) != true)];
                if (strict && missing.Length + unexpected.Length > 0)
                {
                    throw new InvalidOperationException($"The loaded state_dict is not identical to the target dictionary: missing [{string.Join(", ", missing)}], unexpected [{string.Join(", ", unexpected)}].");
                }

                using IDisposable guard = no_grad();
                foreach ((string key, Tensor value) in source)
                {
                    if (skip?.Contains(key) != true && own.TryGetValue(key, out Tensor? target))
                    {
                        target.copy_(value);
                    }
                }

                return (missing, unexpected);
            }

            /// <summary>Writes parameters and persistent buffers to a file in TorchSharp's own format.</summary>
            public Module save(string location, IList<string>? skip = null)
            {
                using var writer = new BinaryWriter(File.Create(location));
                return save(writer, skip);
            }

            /// <summary>Writes parameters and persistent buffers in TorchSharp's own format.</summary>
            public Module save(BinaryWriter writer, IList<string>? skip = null)
            {
                StateFile.Save(writer, state_dict(), skip);
                return this;
            }

            /// <summary>Reads parameters and buffers from a file in TorchSharp's own format.</summary>
            /// <param name="location">The file.</param>
            /// <param name="strict">Whether the names must be exactly the module's.</param>
            /// <param name="skip">Names that are left alone.</param>
            /// <param name="loadedParameters">Gets each name in the file, and whether the module has it.</param>
            public virtual Module load(string location, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var reader = new BinaryReader(File.OpenRead(location));
                return load(reader, strict, skip, loadedParameters);
            }

            /// <summary>Reads parameters and buffers in TorchSharp's own format.</summary>
            public virtual Module load(BinaryReader reader, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                StateFile.Load(reader, state_dict(), strict, skip, loadedParameters);
                return this;
            }

            internal Module ConvertTo(Device? device, ScalarType? dtype)
            {
                foreach (Tensor t in parameters().Concat(buffers()))
                {
                    ScalarType wanted = dtype is { } d && !t.is_integral() ? d : t.dtype;
                    if (wanted == t.dtype && (device is null || device.type == t.device_type))
                    {
                        continue;
                    }

                    using IDisposable guard = no_grad();
                    using Tensor converted = Native.Aten.ToDevice.Call(t, device ?? t.device, wanted);
                    Native.NativeMethods.Check(Native.NativeMethods.qd_torch_set_data(t.Handle, converted.Handle));
                    t.grad = null;
                }

                return this;
            }

            private IEnumerable<(string Name, Parameter Parameter)> Named(bool recurse, HashSet<nint> seen, string prefix)
            {
                foreach ((string n, Parameter p) in ownParameters)
                {
                    if (!p.IsInvalid && seen.Add(p.Handle))
                    {
                        yield return (prefix + n, p);
                    }
                }

                if (!recurse)
                {
                    yield break;
                }

                foreach ((string child, Module m) in submodules)
                {
                    foreach ((string n, Parameter p) in m.Named(true, seen, $"{prefix}{child}."))
                    {
                        yield return (n, p);
                    }
                }
            }

            private bool IsRegistered(string component)
                => submodules.Exists(s => s.Name == component) || ownParameters.Exists(p => p.Name == component) || ownBuffers.Exists(b => b.Name == component);
        }
    }
}

/// <summary>Conversions of modules that keep the module's type.</summary>
public static class ModuleExtensionMethods
{
    /// <summary>Converts parameters and buffers of real numbers to an element type.</summary>
    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false)
        where T : torch.nn.Module
        => (T)module.ConvertTo(null, type);

    /// <summary>Moves parameters and buffers to a device.</summary>
    public static T to<T>(this T module, torch.Device device, bool non_blocking = false)
        where T : torch.nn.Module
        => (T)module.ConvertTo(device, null);

    /// <summary>Moves parameters and buffers to the processor.</summary>
    public static T cpu<T>(this T module, bool non_blocking = false)
        where T : torch.nn.Module
        => (T)module.ConvertTo(torch.CPU, null);
}
